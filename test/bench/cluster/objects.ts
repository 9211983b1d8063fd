/** The nodes and pods of a large cluster, made up by number, in the shape and size that real ones have. */
import { createHash } from 'node:crypto';

export interface Size {
  readonly nodes: number;
  readonly pods: number;
  readonly images: number;
  readonly namespaces: number;
}

const epoch = '2026-01-01T00:00:00Z';
const resources = { cpu: '64', memory: '256Gi', pods: '250', 'ephemeral-storage': '1Ti' };

/** A third of the nodes is arm64. */
export function node(index: number) {
  const architecture = index % 3 === 2 ? 'arm64' : 'amd64';
  const name = `node-${index}`;
  const zone = `zone-${index % 3}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
        'node.kubernetes.io/instance-type': 'm5.large',
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: { providerID: `fake:///${zone}/i-${index}` },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        reason: 'Kubelet',
        message: 'kubelet is posting this status',
        lastHeartbeatTime: epoch,
        lastTransitionTime: epoch,
      })),
      nodeInfo: {
        machineID: 'x',
        systemUUID: 'x',
        bootID: 'x',
        kernelVersion: '6.1.0',
        osImage: 'Fake',
        containerRuntimeVersion: 'containerd://2.1.0',
        kubeletVersion: 'v1.36.0',
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture,
      },
    },
  };
}

export function namespaceOf(index: number, { namespaces }: Size): string {
  return `ns-${index % namespaces}`;
}

export function podName(index: number, { images }: Size): string {
  return `app-${index % images}-${Math.floor(index / images)}`;
}

/** `team-3/app-17:v2.5`, without its registry. */
export function imageName(index: number): { readonly repository: string; readonly tag: string } {
  return { repository: `team-${index % 40}/app-${index}`, tag: `v${1 + (index % 9)}.${index % 13}` };
}

/** One image, or two for every other pod. */
function imagesOf(index: number, { images }: Size): readonly number[] {
  const first = index % images;
  return index % 2 === 1 ? [first] : [first, (index * 7 + 3) % images];
}

export function pod(index: number, size: Size, registry: string) {
  const app = `app-${index % size.images}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(index, size),
      namespace: namespaceOf(index, size),
      labels: { 'app.kubernetes.io/name': app, 'pod-template-hash': (index % size.images).toString(36) },
    },
    spec: {
      nodeName: `node-${index % size.nodes}`,
      automountServiceAccountToken: false,
      containers: imagesOf(index, size).map((image, place) => container(image, place, registry)),
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  };
}

function container(image: number, place: number, registry: string) {
  const { repository, tag } = imageName(image);
  return {
    name: `c${place}`,
    image: `${registry}/${repository}:${tag}`,
    ports: [{ containerPort: 8080 + place, name: `http${place}` }],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'DB_HOST', value: 'postgres.db.svc' },
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 + place } },
    readinessProbe: { httpGet: { path: '/readyz', port: 8080 + place } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
    },
  };
}

/** Running, with the digests that `digestOf` gives. */
export function podStatus(index: number, size: Size, registry: string, digestOf: (image: number) => string) {
  return {
    status: {
      phase: 'Running',
      startTime: epoch,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: epoch,
      })),
      containerStatuses: imagesOf(index, size).map((image, place) => {
        const { repository, tag } = imageName(image);
        return {
          name: `c${place}`,
          image: `${registry}/${repository}:${tag}`,
          imageID: `${registry}/${repository}@${digestOf(image)}`,
          containerID: `containerd://${createHash('sha256').update(`${index}/${place}`).digest('hex')}`,
          ready: true,
          started: true,
          restartCount: 0,
          state: { running: { startedAt: epoch } },
        };
      }),
    },
  };
}
