#!/bin/sh
# `npm run package:deb [folder]`: what `npm pack` packs, with the modules it needs and their Node, as a Debian package:
# the target needs no npm, no compiler and no network. For the machine's own architecture; nothing is compiled, what
# `npm install` has compiled here is taken along. docs/deploy/debian/ holds what the package does when it is installed.
set -eu
cd "$(dirname "$0")/.."

out=${1:-.}
version=$(node -p 'require("./package.json").version')
architecture=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"

root=$stage/root
program=$root/usr/lib/laissez-passer
mkdir -p "$program" "$root/DEBIAN" "$root/usr/bin" "$root/lib/systemd/system" "$root/usr/share/doc/laissez-passer"

npm pack --silent --pack-destination "$stage" >/dev/null
tar -xzf "$stage/laissez-passer-$version.tgz" -C "$program" --strip-components=1
mv "$program/docs" "$program/README.md" "$program/CHANGELOG.md" "$program/LICENSE" "$root/usr/share/doc/laissez-passer"

# The tree of modules as it is installed here, less what only development needs.
cp -a node_modules package-lock.json "$program"
(cd "$program" && npm prune --silent --omit=dev --workspaces=false --no-audit --no-fund --ignore-scripts)
rm -rf "$program/node_modules/.cache" "$program"/node_modules/.build.* "$program/package-lock.json"
# Whoever compiles on the target has gone wrong: headers, sources and objects of the native modules stay here.
find "$program/node_modules" \( -name '*.c' -o -name '*.cc' -o -name '*.h' -o -name '*.o' -o -name '*.a' \) -type f -delete

# The settings are /etc's; the program finds them beside its package.json.
ln -s /etc/laissez-passer/laissez-passer.env "$program/.env"
install -m 755 docs/deploy/debian/laissez-passer "$root/usr/bin/laissez-passer"
install -m 644 docs/deploy/laissez-passer.service "$root/lib/systemd/system/laissez-passer.service"
for script in postinst prerm postrm; do install -m 755 "docs/deploy/debian/$script" "$root/DEBIAN/$script"; done
chmod -R go-w,a+rX "$root"

cat >"$root/DEBIAN/control" <<CONTROL
Package: laissez-passer
Version: $version
Architecture: $architecture
Maintainer: Laissez-passer <https://github.com/laissez-passer/laissez-passer>
Section: net
Priority: optional
Depends: adduser, libc6, libstdc++6, util-linux
Installed-Size: $(du -ks "$root" | cut -f1)
Description: OpenID Connect identity provider with two factors
 Employees sign in with a password and a one-time code; applications get
 standard tokens. Brings its own Node; SQLite inside, PostgreSQL by setting.
CONTROL

mkdir -p "$out"
file=$out/laissez-passer_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz -z2 --build "$root" "$file" >/dev/null
echo "$file"
