#!/bin/sh
# Installs the real components that the integration tests talk to (Debian packages), and prints each with its version.
set -eu
packages=""
need() { command -v "$1" >/dev/null 2>&1 || packages="$packages $2"; }
need docker-registry docker-registry
need skopeo skopeo
need containerd containerd
need ctr containerd
need promtool prometheus
need wrk wrk
need openssl openssl
if [ -n "$packages" ]; then
  command -v apt-get >/dev/null || { echo "setup: please install:$packages" >&2; exit 1; }
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "setup: installing$packages" >&2
  log=$(mktemp)
  { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends $packages; } \
    >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
  rm -f "$log"
fi
echo "Real components used by the tests:"
version() { printf '  %-16s %s\n' "$1" "$2"; }
version docker-registry "$(docker-registry --version 2>&1 | head -n 1)"
version skopeo "$(skopeo --version)"
version containerd "$(containerd --version)"
version ctr "$(ctr --version)"
version promtool "$(promtool --version 2>&1 | head -n 1)"
version prometheus "$(prometheus --version 2>&1 | head -n 1)"
version openssl "$(openssl version)"
version wrk "$(wrk --version 2>&1 | head -n 1)"
version node "$(node_modules/.bin/node --version)"
