#!/bin/sh
# Prints the folder with the newest containerd, its shim and its `ctr`, built from its Go module: what runs the pods of a
# real node. Its version is the last one of setup-containerd.sh. About two minutes on two cores the first time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^versions=.* \(v[0-9.]*\)"$/\1/p' "$here/setup-containerd.sh")
[ -n "$version" ] || { echo "setup: setup-containerd.sh names no version" >&2; exit 1; }
module=github.com/containerd/containerd/v2
out="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/containerd-node/$version"
[ -x "$out/containerd" ] && { echo "$out"; exit 0; }

go=$("$here/setup-go.sh")
mkdir -p "$(dirname "$out")"
if command -v flock >/dev/null; then
  exec 9>"$out.lock"
  flock 9
  [ -x "$out/containerd" ] && { echo "$out"; exit 0; }
fi
echo "setup: building containerd $version (once, about two minutes)" >&2
log=$(mktemp)
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work" "$log"' EXIT
trap 'exit 1' INT TERM HUP
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly GOGC=400
# In the module's own folder, so that the go.mod and go.sum of containerd decide, replacements included.
build() {
  cd / && "$go" mod download "$module@$version" && cd "$("$go" list -m -f '{{.Dir}}' "$module@$version")" &&
    "$go" build -trimpath -buildvcs=false -gcflags=all=-dwarf=false -ldflags "-s -w -X $module/version.Version=$version" \
      -o "$work" ./cmd/containerd ./cmd/containerd-shim-runc-v2 ./cmd/ctr
}
(build) >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
chmod 755 "$work"
# Whole or not at all: two runs at a time must not use half a folder.
rm -rf "$out"
mv "$work" "$out"
echo "$out"
