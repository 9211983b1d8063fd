#!/bin/sh
# Installs the clients that the tests of the Engine API use, outside of the work tree, and prints one path each: the docker
# CLI of Debian (without a daemon), a program over Docker's Go client, and a Python with docker-py and schemathesis. Quick
# when they are there; the first time takes about a minute on two cores.
set -eu
docker_py=7.2.0
schemathesis=4.32.5
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/docker-clients"
log=$(mktemp)
trap 'rm -rf "$log" "$cache/new.$$"' EXIT
fail() {
  tail -n 30 "$log" >&2
  exit 1
}
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

cli=$cache/cli/usr/bin/docker
if [ ! -x "$cli" ]; then
  command -v apt-get >/dev/null || { echo "setup: the docker CLI of Debian is needed as $cli" >&2; exit 1; }
  echo "setup: fetching Debian's docker CLI (once)" >&2
  mkdir -p "$cache/new.$$"
  # Of the package docker.io only the CLI: no daemon is installed, and none runs.
  (cd "$cache/new.$$" && { apt-get download docker.io || { as_root apt-get update && apt-get download docker.io; }; } &&
    dpkg-deb --fsys-tarfile docker.io_*.deb | tar -x ./usr/bin/docker && rm -f docker.io_*.deb) >"$log" 2>&1 || fail
  mkdir -p "$cache/cli"
  cp -R "$cache/new.$$/usr" "$cache/cli/"
fi
echo "$cli"

# By the content of the module: another version of the client is another program.
sum=$(cat "$here/docker-client/main.go" "$here/docker-client/go.sum" | sha256sum | cut -c1-16)
client=$cache/go-client-$sum
if [ ! -x "$client" ]; then
  go=$("$here/setup-go.sh")
  echo "setup: building a program over Docker's Go client (once, about 10 seconds)" >&2
  mkdir -p "$cache"
  (cd "$here/docker-client" && CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly \
    "$go" build -trimpath -buildvcs=false -ldflags "-s -w" -o "$client.$$" .) >"$log" 2>&1 || fail
  mv "$client.$$" "$client"
fi
echo "$client"

python=$cache/python-$docker_py-$schemathesis/bin/python
if [ ! -x "$python" ]; then
  echo "setup: installing docker-py and schemathesis (once)" >&2
  {
    python3 -c 'import ensurepip' || as_root apt-get install -y --no-install-recommends python3-venv
    # A virtual environment cannot be moved: what a run that was stopped left behind is built again.
    rm -rf "${python%/bin/python}"
    python3 -m venv "${python%/bin/python}.part" &&
      "${python%/bin/python}.part/bin/python" -m pip install --quiet --disable-pip-version-check \
        "docker==$docker_py" "schemathesis==$schemathesis"
  } >"$log" 2>&1 || fail
  # Under its name only when it is complete; programs in it are run as modules, which does not need the old path.
  mv "${python%/bin/python}.part" "${python%/bin/python}"
fi
echo "$python"
