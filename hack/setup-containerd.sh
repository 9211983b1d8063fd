#!/bin/sh
# Builds `ctr` of every containerd line from its Go module, for the differential tests, and prints one path per version,
# oldest first. Quick when they are there; the first time takes about three minutes on two cores.
# Not the daemon: an image is resolved in `ctr`, the daemon only stores it, and Debian's does that for all of them.
set -eu
versions="v1.6.36 v1.7.35 v2.0.14 v2.1.9 v2.2.9 v2.3.7 v2.4.2"
go=""
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/containerd"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly

# In the module's own folder, so that the go.mod and go.sum of containerd decide, replacements included.
build() {
  module=$1 version=$2 out=$3
  cd / && "$go" mod download "$module@$version" && cd "$("$go" list -m -f '{{.Dir}}' "$module@$version")" &&
    "$go" build -trimpath -buildvcs=false -ldflags "-s -w -X $module/version.Version=$version" -o "$out" ./cmd/ctr
}

for version in $versions; do
  ctr=$cache/$version/ctr
  if [ ! -x "$ctr" ]; then
    [ -n "$go" ] || go=$("$here/setup-go.sh")
    echo "setup: building ctr of containerd $version (once, about 25 seconds)" >&2
    case $version in
      v1.*) module=github.com/containerd/containerd ;;
      *) module=github.com/containerd/containerd/v2 ;;
    esac
    log=$(mktemp)
    mkdir -p "$cache/$version"
    # Under another name first: two runs at a time must not use half a file.
    (build "$module" "$version" "$ctr.$$") >"$log" 2>&1 || { tail -n 30 "$log" >&2; rm -f "$log" "$ctr.$$"; exit 1; }
    mv "$ctr.$$" "$ctr"
    rm -f "$log"
  fi
  echo "$ctr"
done
