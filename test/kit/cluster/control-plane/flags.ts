/** What the programs of the control plane are told. Not for where their files are made. */

export interface Addresses {
  readonly etcdPort: number;
  readonly peerPort: number;
  readonly apiPort: number;
  readonly controllersPort: number;
  readonly schedulerPort: number;
}

/** Files of the control plane's folder. */
export interface Files {
  readonly etcdData: string;
  readonly caCertificate: string;
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly kubeletClientCertificate: string;
  readonly kubeletClientKey: string;
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly kubeconfig: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
}

const issuer = 'https://kubernetes.default.svc';

export function etcdFlags({ etcdPort, peerPort }: Addresses, { etcdData }: Files): string[] {
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // Nothing here must survive the machine.
    '--unsafe-no-fsync',
  ];
}

export interface ApiServerChoices {
  readonly serviceAccounts: boolean;
  readonly audit: boolean;
  readonly emulatedVersion: string | null;
  readonly more: readonly string[];
}

export function apiServerFlags(addresses: Addresses, files: Files, choices: ApiServerChoices): string[] {
  // With TaintNodesByCondition each new Node is tainted as not ready until a controller that does not run here says otherwise.
  const disabled = ['TaintNodesByCondition', ...(choices.serviceAccounts ? [] : ['ServiceAccount'])];
  return [
    `--etcd-servers=http://127.0.0.1:${addresses.etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${addresses.apiPort}`,
    `--tls-cert-file=${files.servingCertificate}`,
    `--tls-private-key-file=${files.servingKey}`,
    `--client-ca-file=${files.caCertificate}`,
    `--token-auth-file=${files.tokens}`,
    `--kubelet-client-certificate=${files.kubeletClientCertificate}`,
    `--kubelet-client-key=${files.kubeletClientKey}`,
    '--authorization-mode=RBAC',
    `--service-account-issuer=${issuer}`,
    `--api-audiences=${issuer}`,
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--enable-admission-plugins=NodeRestriction',
    `--disable-admission-plugins=${disabled.join(',')}`,
    // No Endpoints of the API server itself: 127.0.0.1 is refused there.
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    '--profiling=false',
    '--v=1',
    ...(choices.audit
      ? [`--audit-policy-file=${files.auditPolicy}`, `--audit-log-path=${files.auditLog}`]
      : []),
    ...emulated(choices.emulatedVersion),
    ...choices.more,
  ];
}

/**
 * Node lifecycle, taint eviction and pod garbage controllers stay out: no kubelet renews the Leases of fake Nodes, so
 * that these would lose their pods after a minute.
 */
const controllers = [
  'deployment',
  'replicaset',
  'statefulset',
  'job',
  'cronjob',
  'daemonset',
  'replicationcontroller',
  'namespace',
  'serviceaccount',
  'serviceaccount-token',
  'garbage-collector',
  'root-ca-certificate-publisher',
  'clusterrole-aggregation',
  'disruption',
  'endpointslice',
  'ttl-after-finished',
];

export function controllerFlags(addresses: Addresses, files: Files, version: string | null): string[] {
  return [
    ...clientFlags(files, addresses.controllersPort, version),
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.caCertificate}`,
    '--use-service-account-credentials=true',
    `--controllers=${controllers.map((name) => `${name}-controller`).join(',')}`,
  ];
}

export function schedulerFlags(addresses: Addresses, files: Files, version: string | null): string[] {
  return clientFlags(files, addresses.schedulerPort, version);
}

function clientFlags(files: Files, port: number, version: string | null): string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    `--authentication-kubeconfig=${files.kubeconfig}`,
    `--authorization-kubeconfig=${files.kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--leader-elect=false',
    // The default of 20 requests a second is slow with many objects.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--v=1',
    ...emulated(version),
  ];
}

function emulated(version: string | null): string[] {
  return version === null ? [] : [`--emulated-version=${version}`];
}
