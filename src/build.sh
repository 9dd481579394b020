#!/bin/sh
# `npm run build`: all that runs, into dist/: what the compiler makes of the sources, and every other file beside them
# (texts, lists, style sheet, scripts, pictures). It is made aside and takes the old one's place when it is whole:
# nothing stale stays, a build that fails changes nothing, and what runs meanwhile finds its files.
set -eu
cd "$(dirname "$0")/.."

# On the same disk, and looked into by no tool.
aside=$(mktemp -d node_modules/.build.XXXXXX)
trap 'rm -rf "$aside"' EXIT

tsc --outDir "$aside/ours"
tar -cf - --exclude='*.ts' --exclude='*.tsx' --exclude='*.sh' src interactions db | tar -xf - -C "$aside/ours"
tsc -p demo-rp --outDir "$aside/demo"

# $1: what was made, $2: whose place it takes.
put() {
  [ ! -e "$2" ] || mv "$2" "$1.old"
  mv "$1" "$2"
}
put "$aside/ours" dist
put "$aside/demo" demo-rp/dist
