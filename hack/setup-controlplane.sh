#!/bin/sh
# Prints the folder that holds etcd, kube-apiserver, kube-controller-manager and kube-scheduler: the real control plane of
# the cluster tests and of `make cluster`; with the argument `node` the folder that holds kubelet and kube-proxy. Built from
# their Go modules (hack/controlplane), kept outside the work tree by version: about five minutes on two cores the first
# time (and two more for `node`), nothing afterwards.
#   KUBEBUILDER_ASSETS, TEST_ASSET_KUBE_APISERVER, TEST_ASSET_ETCD are honoured by the tests and need no build of these two.
#   PRATIQUE_KUBERNETES=1.30.14 builds that version instead (1.30, 1.33, 1.34 and 1.35 build too; 1.31 and 1.32 do not).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=${1:-controlplane}
case $what in
  controlplane) folder=. programs="etcd kube-apiserver kube-controller-manager kube-scheduler" ;;
  node) folder=./node programs="kubelet kube-proxy" ;;
  *) echo "usage: setup-controlplane.sh [controlplane|node]" >&2; exit 2 ;;
esac
committed=$(sed -n 's/^[[:space:]]*k8s.io\/kubernetes v\([0-9.]*\).*/\1/p' "$here/controlplane/go.mod" | head -n 1)
version=${PRATIQUE_KUBERNETES:-$committed}
# What is built is named by what it is built of, so that a changed go.mod or main.go is never answered by an old binary.
sources=$(cat "$here/controlplane/$folder/main.go" "$here/controlplane/go.mod" | cksum | cut -d' ' -f1)
out="${XDG_CACHE_HOME:-$HOME/.cache}/pratique/$what/$version-$sources"
# The last one that is made.
there() { [ -x "$out/${programs##* }" ]; }
there && { echo "$out"; exit 0; }

go=$("$here/setup-go.sh")
mkdir -p "$out"
# Two at a time would take twice as long. Where there is no flock they do, and the one that ends last wins.
if command -v flock >/dev/null; then
  exec 9>"$out/lock"
  flock -n 9 || { echo "setup: waiting for another build of the same programs" >&2; flock 9; }
  there && { echo "$out"; exit 0; }
fi
echo "setup: building $programs of Kubernetes $version (once, several minutes on two cores)" >&2
work=$(mktemp -d)
trap 'rm -rf "$work" "$out"/*."$$"' EXIT
trap 'exit 1' INT TERM HUP
cp -R "$here"/controlplane/. "$work"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-buildvcs=false GOGC=400
[ "$version" = "$committed" ] || GO="$go" DIR="$work" "$here/controlplane-module.sh" "$version" >&2
minor=${version#*.}
package=k8s.io/component-base/version
# Without debug information, and with a lazier collector in the compiler: a sixth of the processor time less.
(cd "$work" && "$go" build -mod=readonly -trimpath -gcflags=all=-dwarf=false -o "$out/$what.$$" -ldflags \
  "-s -w -X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}" "$folder") >&2
# Each under another name first, the one that is looked for last: nobody ever finds half of it.
mv -f "$out/$what.$$" "$out/$what"
for name in $programs; do
  ln -s "$what" "$out/$name.$$"
  mv -f "$out/$name.$$" "$out/$name"
done
echo "$out"
