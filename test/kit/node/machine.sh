#!/bin/bash
# The namespaces of one node inside a private box: machine.sh NAME FOLDER GROUP, where GROUP is the control group that the
# node takes for the root. Ends with a `sleep` that holds them; FOLDER/ready tells that all is mounted.
set -euo pipefail
name=$1 folder=$2 group=$3

if [ "${4:-}" != inside ]; then
  for controller in /sys/fs/cgroup/*/; do
    [ -e "$controller/cgroup.procs" ] || continue
    mkdir -p "$controller$group"
    # A new cpuset has neither processors nor memory, and takes no process until it has.
    below=$controller
    for part in ${group//\// }; do
      for file in cpuset.cpus cpuset.mems; do
        [ ! -e "$below$file" ] || cat "$below$file" >"$below$part/$file"
      done
      below=$below$part/
    done
    echo $$ >"$controller$group/cgroup.procs"
  done
  exec unshare --mount --net --uts --ipc --cgroup "$0" "$name" "$folder" "$group" inside
fi

mount --make-rshared /
hostname "$name"
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs /run
echo 1 >/proc/sys/net/ipv4/ip_forward
# Without it kube-proxy does not see what goes from pod to pod.
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
# The kubelet and CNI write to /var/log, /var/lib/kubelet and /var/lib/cni whatever they are told.
mkdir -p "$folder/var/upper" "$folder/var/work"
mount -t overlay -o "lowerdir=/var,upperdir=$folder/var/upper,workdir=$folder/var/work" overlay /var
# The kubelet sets these of the whole machine; here it reads that they are set already.
mkdir -p "$folder/sysctl"
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=$folder/sysctl/${setting//\//.}
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%%=*}"
done
# /sys shows this network only when it is mounted here, and control groups their new root.
hierarchies=$(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2, $3, $4 }' /proc/mounts)
umount -R /sys/fs/cgroup
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
while read -r path type options; do
  mkdir -p "$path"
  # What is left names the controllers: nothing for version 2.
  options=$(tr , '\n' <<<"$options" | sed -E '/^(rw|relatime|nosuid|nodev|noexec)$/d' | paste -sd,)
  mount -t "$type" ${options:+-o "$options"} "$type" "$path"
done <<<"$hierarchies"
touch "$folder/ready"
exec sleep infinity
