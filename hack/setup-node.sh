#!/bin/sh
# Prints what a real node is made of, a name and a path a line, for the suite `real-node` and `make node`: kubelet and
# kube-proxy, the newest containerd with its shim and `ctr`, and the image of Pratique as an OCI archive. All of it is kept
# outside the work tree by version: about seven minutes on two cores the first time, nothing afterwards.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH="$PATH:/usr/sbin:/sbin"
"$here/setup-packages.sh" runc:runc containerd:containerd ctr:containerd containerd-shim-runc-v2:containerd \
  /usr/lib/cni/bridge:containernetworking-plugins iptables:iptables ip:iproute2 dnsmasq:dnsmasq-base buildah:buildah \
  docker-registry:docker-registry nsenter:util-linux
echo "controlplane $("$here/setup-controlplane.sh")"
echo "kubelet $("$here/setup-controlplane.sh" node)"
echo "containerd $("$here/setup-containerd-node.sh")"
echo "image $("$here/setup-image.sh")"
