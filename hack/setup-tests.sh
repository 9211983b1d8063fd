#!/bin/sh
# Installs the real components that the tests talk to (Debian packages, Docker's and containerd's clients from their Go
# modules and PyPI, a Kubernetes control plane from its Go modules, Helm) and prints each with its version. A component that
# is missing afterwards is an error: nothing is skipped or replaced. One exception outside of CI: without a control plane its suites fail to run, and say so.
set -eu
cd "$(dirname "$0")/.."

# Command and the Debian package that brings it.
components="docker-registry:docker-registry skopeo:skopeo containerd:containerd ctr:containerd promtool:prometheus
wrk:wrk openssl:openssl curl:curl jq:jq"

hack/setup-packages.sh $components

version() {
  command -v "$1" >/dev/null || { echo "setup: $1 is still missing" >&2; exit 1; }
  text=$("$@" 2>&1 | head -n 1)
  printf '  %-16s %s\n' "$(basename "$1")" "$text"
}
echo "Real components used by the tests:"
version docker-registry --version
version skopeo --version
version containerd --version
version ctr --version
version promtool --version
version openssl version
# wrk has no way to say its version without failing.
printf '  %-16s %s\n' wrk "$(wrk --version 2>&1 | sed -n 's/^wrk \([^ ]*\).*/\1/p')"
version node_modules/.bin/node --version
clients=$(hack/setup-containerd.sh)
for client in $clients; do version "$client" --version; done
version curl --version
version jq --version
docker_clients=$(hack/setup-docker-clients.sh)
version "$(echo "$docker_clients" | sed -n 1p)" --version
printf '  %-16s %s\n' docker-py "$("$(echo "$docker_clients" | sed -n 3p)" -c 'import docker; print(docker.__version__)')"
version "$(hack/setup-helm.sh helm)" version --short
version "$(hack/setup-helm.sh kubectl)" version --client
if [ -n "${KUBEBUILDER_ASSETS:-}${TEST_ASSET_KUBE_APISERVER:-}" ]; then
  version "${TEST_ASSET_KUBE_APISERVER:-${KUBEBUILDER_ASSETS:-}/kube-apiserver}" --version
elif plane=$(hack/setup-controlplane.sh); then
  version "$plane/kube-apiserver" --version
elif [ "${CI:-}" = true ]; then
  exit 1
else
  echo "setup: NO KUBERNETES CONTROL PLANE: the tests in test/integration/cluster cannot run" >&2
fi
