#!/bin/sh
# Prints the path of an OCI archive with Pratique's image, built from the unchanged Dockerfile by buildah without a daemon,
# as root. Kept outside the work tree by what goes into it: about two minutes on two cores after every change of these files.
#   PRATIQUE_BASE_IMAGE   pulled in place of node:24-bookworm-slim. Without it a stand-in is made of Debian's packages, the
#                         Node of this checkout and the npm of this machine, so that no registry of images is needed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
base=docker.io/library/node:24-bookworm-slim
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/image"
cd "$root"
# What the Dockerfile copies from here decides which image it is.
copied=$(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' Dockerfile)
sources=$( (echo "${PRATIQUE_BASE_IMAGE:-}"; find Dockerfile hack/setup-image.sh $copied -type f | LC_ALL=C sort | xargs cat) \
  | cksum | cut -d' ' -f1)
out=$cache/$sources.tar
[ -f "$out" ] && { echo "$out"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "setup: buildah needs root here to build the image" >&2; exit 1; }

hack/setup.sh
mkdir -p "$cache"
if command -v flock >/dev/null; then
  exec 9>"$cache/lock"
  flock 9
  [ -f "$out" ] && { echo "$out"; exit 0; }
fi
echo "setup: building the image (about two minutes)" >&2
work=$(mktemp -d)
log=$work/log
trap 'rm -rf "$work" "$out.$$"' EXIT
trap 'exit 1' INT TERM HUP
store() { buildah --storage-driver vfs --root "$work/store" --runroot "$work/run" "$@" 9>&-; }

# Debian's packages unpacked, without their scripts: what node, npm and the shell need.
debian_base() {
  tree=$work/base
  mkdir -p "$work/packages" "$tree/usr/local/bin" "$tree/usr/local/lib/node_modules" "$tree/tmp" "$tree/root"
  (cd "$work/packages" && apt-get download base-files base-passwd busybox-static ca-certificates \
    libc6 libgcc-s1 libstdc++6 libatomic1)
  for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$tree"; done
  for name in sh env uname cat ls mkdir rm cp mv ln sed grep dirname readlink basename; do
    path=$tree/bin/$name
    [ "$name" != env ] || path=$tree/usr/bin/env
    ln -sf /bin/busybox "$path"
  done
  cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
  cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
  chmod 1777 "$tree/tmp"
  cp -L node_modules/.bin/node "$tree/usr/local/bin/node"
  cp -R "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$tree/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$tree/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$tree/usr/local/bin/npx"
  container=$(store from scratch)
  store copy "$container" "$tree" /
  store config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd node "$container"
  store commit --rm "$container" "$base"
}

build() {
  if [ -n "${PRATIQUE_BASE_IMAGE:-}" ]; then
    store pull "docker://$PRATIQUE_BASE_IMAGE" && store tag "$PRATIQUE_BASE_IMAGE" "$base"
  else
    debian_base
  fi
  # What npm needs on this machine to reach its registry: its settings and authorities, and what it has fetched already.
  {
    for config in globalconfig userconfig; do cat "$(npm config get "$config")" 2>/dev/null && echo; done
    echo prefer-offline=true
    [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || echo cafile=/root/authorities.crt
  } >"$work/npmrc"
  mounts="--volume $work/npmrc:/root/.npmrc:ro --volume $(npm config get cache):/root/.npm:rw"
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || mounts="$mounts --volume $NODE_EXTRA_CA_CERTS:/root/authorities.crt:ro"
  store build --isolation chroot --pull-never $mounts --tag localhost/pratique:test .
  store push localhost/pratique:test "oci-archive:$out.$$:test"
}
mkdir -p "$(npm config get cache)"
build >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
mv "$out.$$" "$out"
# Images of other checkouts may be in use: the newest few stay.
ls -t "$cache"/*.tar | tail -n +5 | xargs -r rm -f
echo "$out"
