/** Names in `daemon.json` that dockerd knows: those of moby 19.03 to 29 (`daemon/config`), including removed ones. */

/** Keys that the file may contain. */
export const daemonKeys: readonly string[] = (
  'allow-direct-routing allow-nondistributable-artifacts api-cors-header authorization-plugins bip bip6 bridge ' +
  'bridge-accept-fwmark builder cdi-spec-dirs cgroup-parent cluster-advertise cluster-store cluster-store-opts ' +
  'containerd containerd-namespace containerd-plugin-namespace containerd-plugins-namespace cpu-rt-period ' +
  'cpu-rt-runtime cri-containerd data-root debug default-address-pools default-cgroupns-mode default-gateway ' +
  'default-gateway-v6 default-init default-ipc-mode default-network-opts default-runtime default-shm-size ' +
  'default-ulimits deprecated-key-path disable-legacy-registry dns dns-opts dns-search exec-opts exec-root ' +
  'experimental features firewall-backend fixed-cidr fixed-cidr-v6 graph group host-gateway-ip host-gateway-ips ' +
  'hosts http-proxy https-proxy icc init init-path insecure-registries ip ip-forward ip-forward-no-drop ip-masq ' +
  'ip6tables iptables ipv6 labels live-restore log-driver log-format log-level log-opts max-concurrent-downloads ' +
  'max-concurrent-uploads max-download-attempts metrics-addr min-api-version mtu network-control-plane-mtu ' +
  'network-diagnostic-port no-new-privileges no-proxy node-generic-resources nri-opts oom-score-adjust pidfile ' +
  'proxies raw-logs registry-mirrors resolv-conf rootless runtimes seccomp-profile selinux-enabled ' +
  'shutdown-timeout storage-driver storage-opts swarm-default-advertise-addr swarm-raft-election-tick ' +
  'swarm-raft-heartbeat-tick tls tlscacert tlscert tlskey tlsverify userland-proxy userland-proxy-path ' +
  'userns-remap'
).split(' ');

/** Flags whose keys have another name. dockerd accepts them as keys of the file and ignores them. */
export const daemonFlags: readonly string[] = (
  'add-runtime authorization-plugin cdi-spec-dir cluster-store-opt config-file default-address-pool ' +
  'default-network-opt default-ulimit dns-opt exec-opt help host insecure-registry label log-opt ' +
  'node-generic-resource registry-mirror storage-opt validate version'
).split(' ');

const flatOptions: readonly string[] =
  'builder cluster-store-opts default-network-opts default-ulimits features log-opts nri-opts runtimes'.split(
    ' ',
  );

/**
 * Returns true if the value of `key` is a table with names of the operator's choice. dockerd checks names in other tables like
 * keys.
 */
export function isFlatOption(key: string): boolean {
  return flatOptions.includes(key);
}
