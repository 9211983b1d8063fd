#!/bin/sh
# Brings node_modules (and with it the project's own Node 24) to what package-lock.json says; quick when nothing changed.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.pratique-setup
want=$(cat package.json package-lock.json | cksum)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x node_modules/.bin/node ] && exit 0
command -v npm >/dev/null || { echo "setup: npm is needed (Debian: apt-get install npm)" >&2; exit 1; }
echo "setup: installing packages (once, about half a minute)" >&2
log=$(mktemp)
# Not `npm ci`: it wants every platform's optional package in the lock file, which not every registry mirror has.
npm install --no-save --no-audit --no-fund >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; exit 1; }
rm -f "$log"
version=$(node_modules/.bin/node --version 2>/dev/null || true)
case "$version" in
  v24.*) ;;
  *)
    echo "setup: expected the project's own Node 24 in node_modules/.bin, found '${version:-nothing}'." >&2
    echo "setup: npm must be allowed to run the install script of the package 'node' (see allowScripts in package.json)." >&2
    exit 1
    ;;
esac
printf '%s' "$want" >"$stamp"
