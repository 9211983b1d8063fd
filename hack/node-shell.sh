#!/bin/bash
# A shell, or the command that is given, inside the cluster that `make node` keeps up: with KUBECONFIG set, and kubectl, helm,
# and `ctr` of the node's containerd at hand. hack/node-shell.sh kubectl get pods -A
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(ls -td "${TMPDIR:-/tmp}"/pratique-node-*/ 2>/dev/null | head -n 1 || true)
folder=${folder%/}
[ -n "$folder" ] && [ -f "$folder/pid" ] && [ -e "$folder/kubeconfig" ] || {
  echo "node-shell: no cluster is up; start one by \`make node\`" >&2
  exit 1
}
kubectl=$("$here/setup-helm.sh" kubectl)
helm=$("$here/setup-helm.sh" helm)
[ "$#" -gt 0 ] || set -- bash
exec nsenter --target "$(cat "$folder/pid")" --mount --net --pid --uts --ipc -- \
  env KUBECONFIG="$folder/kubeconfig" HOME="$folder" PATH="$(dirname "$kubectl"):$(dirname "$helm"):$PATH" "$@"
