#!/bin/sh
# Builds `ctr` of every containerd line from its Go module, with the dependencies that containerd itself pins, for the
# differential tests. Prints one path per version, oldest first. Quick when they are there; the first time takes about
# three minutes on two cores.
# The daemon is not built: resolving an image is done in `ctr`, the daemon only stores it, and Debian's does.
set -eu
versions="v1.6.36 v1.7.35 v2.0.14 v2.1.9 v2.2.9 v2.3.7 v2.4.2"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/containerd"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly

build() {
  version=$1
  module=github.com/containerd/containerd
  case "$version" in v1.*) ;; *) module=$module/v2 ;; esac
  command -v go >/dev/null || { echo "setup: Go is needed to build containerd $version" >&2; return 1; }
  echo "setup: building ctr of containerd $version (once)" >&2
  source=$(cd / && go mod download -json "$module@$version" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
  mkdir -p "$cache/$version"
  # In the module's own folder, so that its go.mod and go.sum decide.
  (cd "$source" && go build -trimpath -buildvcs=false -ldflags "-s -w -X $module/version.Version=$version" \
    -o "$cache/$version/ctr.$$" ./cmd/ctr) || { rm -f "$cache/$version/ctr.$$"; return 1; }
  mv "$cache/$version/ctr.$$" "$cache/$version/ctr"
}

for version in $versions; do
  [ -x "$cache/$version/ctr" ] || build "$version" || exit 1
  echo "$cache/$version/ctr"
done
