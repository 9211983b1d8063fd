#!/bin/sh
# Prints the path of a Go that is new enough to build the clients the differential tests compare with: the machine's
# own, else one kept outside of the work tree. Debian's is too old to build them, but can fetch the toolchain's module.
set -eu
wanted=1.26
version=1.26.0

# Is the Go at $1 at least $wanted?
suits() {
  found=$("$1" env GOVERSION 2>/dev/null | sed 's/^go//') && [ -n "$found" ] &&
    [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ]
}

own=$(command -v go || true)
if [ -n "$own" ] && GOTOOLCHAIN=local suits "$own"; then
  echo "$own"
  exit 0
fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/go/$version"
if [ ! -x "$cache/bin/go" ]; then
  if [ -z "$own" ]; then
    command -v apt-get >/dev/null || { echo "setup: please install Go $wanted or newer" >&2; exit 1; }
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "setup: installing Debian's Go, to fetch Go $version with it" >&2
    { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends golang-go; } >&2
    own=$(command -v go)
  fi
  echo "setup: fetching Go $version (once)" >&2
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) echo "setup: no Go toolchain known for $(uname -m); install Go $wanted or newer" >&2; exit 1 ;;
  esac
  modules=$(mktemp -d)
  (cd "$modules" && GOTOOLCHAIN=local GOPATH="$modules" GOFLAGS=-modcacherw \
    "$own" mod download "golang.org/toolchain@v0.0.1-go$version.linux-$arch" >&2)
  mkdir -p "$(dirname "$cache")"
  mv "$modules/pkg/mod/golang.org/toolchain@v0.0.1-go$version.linux-$arch" "$cache.$$"
  # A module's zip keeps no modes.
  chmod +x "$cache.$$"/bin/* "$cache.$$"/pkg/tool/*/*
  rm -rf "$cache" "$modules"
  mv "$cache.$$" "$cache"
fi
suits "$cache/bin/go" || { echo "setup: $cache/bin/go does not run" >&2; exit 1; }
echo "$cache/bin/go"
