#!/bin/bash
# Process 1 of a private box: private-box.sh FOLDER COMMAND … runs COMMAND where mounts, network, processes, host name and
# IPC are its own. When COMMAND ends, the kernel ends everything that it started and takes the namespaces away.
set -euo pipefail
folder=$1
shift
mount --make-rshared /
hostname pratique-box
ip link set lo up
ip link add nodes type bridge
ip address add 10.99.0.1/24 dev nodes
ip link set nodes up
echo 1 >/proc/sys/net/ipv4/ip_forward
mount -t tmpfs -o mode=755 tmpfs /run
# Every name is answered inside: there is no way out of the box.
printf 'nameserver 10.99.0.1\n' >"$folder/resolv.conf"
printf '127.0.0.1 localhost\n' >"$folder/hosts"
for name in resolv.conf hosts; do
  target=$(readlink -m "/etc/$name")
  mkdir -p "$(dirname "$target")"
  [ -e "$target" ] || touch "$target"
  mount --bind "$folder/$name" "$target"
done
# In the foreground, so that Ctrl-C reaches it; this shell reaps what is orphaned.
status=0
"$@" || status=$?
exit "$status"
