#!/bin/sh
# Laissez-passer as one word: `laissez-passer start`, `laissez-passer account list`. Runs what is built, under the
# Node that package.json pins, and never the machine's own, which may be older. Also behind `npm start` and
# `npm run cli`. In sh, because it must cost nothing and work before there is a Node.
set -eu

fail() {
  echo "laissez-passer: $1" >&2
  exit 1
}

# The folder of package.json, behind whatever links lead here (node_modules/.bin has one).
root=$(dirname "$(dirname "$(readlink -f "$0")")")
[ -f "$root/dist/src/cli.js" ] || fail 'it is not built yet: npm run build'

# npm puts the package `node` into this folder or, when this program is itself a dependency, into one above.
folder=$root
until [ -x "$folder/node_modules/node/bin/node" ]; do
  [ -n "$folder" ] || fail 'its Node is missing: npm install --omit=dev'
  folder=${folder%/*}
done
exec "$folder/node_modules/node/bin/node" "$root/dist/src/cli.js" "$@"
