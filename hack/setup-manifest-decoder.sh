#!/bin/sh
# Builds Kubernetes' decoder of manifests from its Go modules, for the differential test of `pratique check`, and prints
# the path of the program. Quick when it is there; the first time takes about a minute.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$here/../test/differential/manifests/decoder
version=$(cat "$source/main.go" "$source/go.mod" "$source/go.sum" | sha256sum | cut -c 1-16)
decoder=${XDG_CACHE_HOME:-$HOME/.cache}/pratique/manifest-decoder/$version
if [ ! -x "$decoder" ]; then
  go=$("$here/setup-go.sh")
  echo "setup: building Kubernetes' manifest decoder (once)" >&2
  mkdir -p "$(dirname "$decoder")"
  # Under another name first: two runs at a time must not use half a file.
  (cd "$source" && CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly \
    "$go" build -trimpath -buildvcs=false -o "$decoder.$$" .) >&2
  mv "$decoder.$$" "$decoder"
fi
echo "$decoder"
