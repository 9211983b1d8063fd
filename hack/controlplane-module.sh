#!/bin/sh
# Writes $DIR/go.mod and $DIR/go.sum for another version of Kubernetes than the committed one: controlplane-module.sh 1.30.14
#   GO    the Go to use        DIR   folder with main.go
# k8s.io/kubernetes names its staging modules as v0.0.0 and replaces them by folders of its own tree; the same versions
# are published as v0.MINOR.PATCH. Not every version is whole there: 1.31 and 1.32 are not.
set -eu
version=${1#v}
: "${GO:?the Go to use}" "${DIR:?folder with main.go}"
export GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=mod
cd "$DIR"
rm -f go.mod go.sum
"$GO" mod init pratique.dev/test/controlplane 2>/dev/null
source=$("$GO" mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)".*/\1/p')
[ -f "$source" ] || { echo "setup: there is no module k8s.io/kubernetes v$version" >&2; exit 1; }
# The etcd that this Kubernetes is made for.
etcd=$(sed -n 's/^[[:space:]]*go\.etcd\.io\/etcd\/client\/v3 \(v[0-9.]*\).*/\1/p' "$source" | head -n 1)
{
  echo "module pratique.dev/test/controlplane"
  sed -n '/^go /p' "$source"
  printf 'require (\n\tk8s.io/kubernetes v%s\n\tgo.etcd.io/etcd/server/v3 %s\n)\n' "$version" "$etcd"
  echo "replace ("
  sed -n "s/^[[:space:]]*\(k8s\.io\/[a-z0-9-]*\) => \.\/.*/\t\1 => \1 v0.${version#*.}/p" "$source" | sort -u
  echo ")"
} >go.mod
"$GO" mod tidy
