#!/bin/sh
# Installs the Debian packages of programs that are not here: setup-packages.sh PROGRAM:PACKAGE … A program that is missing
# afterwards is an error. Nothing is printed where all are here.
set -eu
packages=""
for each in "$@"; do
  command -v "${each%%:*}" >/dev/null 2>&1 || packages="$packages ${each#*:}"
done
[ -n "$packages" ] || exit 0
command -v apt-get >/dev/null || { echo "setup: please install:$packages" >&2; exit 1; }
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
echo "setup: installing$packages" >&2
log=$(mktemp)
{ $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends $packages; } \
  >"$log" 2>&1 || { tail -n 30 "$log" >&2; rm -f "$log"; exit 1; }
rm -f "$log"
for each in "$@"; do
  command -v "${each%%:*}" >/dev/null 2>&1 || { echo "setup: ${each%%:*} is still missing" >&2; exit 1; }
done
