/** Applies manifests and waits until what they make can be used: CRDs are served, Namespaces have their service account. */
import { kubectl, must } from './kubectl.ts';
import { type KubernetesObject, listOf, parseObjects } from './nodes/objects.ts';

/** The kinds that others need come first, as Helm does it. */
const order = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
];

/** `what`: YAML text or objects. */
export async function apply(kubeconfig: string, what: string | readonly KubernetesObject[]): Promise<void> {
  const objects = typeof what === 'string' ? parseObjects(what) : what;
  const first = objects.filter(({ kind }) => order.slice(0, 2).includes(kind));
  const rest = objects.filter((object) => !first.includes(object));
  for (const some of [first, [...rest].sort((a, b) => rank(a) - rank(b))]) {
    if (some.length === 0) continue;
    const args = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
    await must(kubeconfig, args, { stdin: listOf(some) });
    await usable(kubeconfig, some);
  }
}

function rank({ kind }: KubernetesObject): number {
  const at = order.indexOf(kind);
  return at === -1 ? order.length : at;
}

async function usable(kubeconfig: string, objects: readonly KubernetesObject[]): Promise<void> {
  const names = (wanted: string) =>
    objects.flatMap(({ kind, metadata }) => (kind === wanted ? [metadata.name ?? ''] : []));
  const definitions = names('CustomResourceDefinition').map((name) => `crd/${name}`);
  if (definitions.length > 0) {
    await must(kubeconfig, ['wait', '--for=condition=Established', '--timeout=30s', ...definitions]);
  }
  for (const namespace of names('Namespace')) await serviceAccountOf(kubeconfig, namespace);
}

const patienceMs = 30_000;

/** A pod is refused until its namespace's service account is there, a moment after the namespace. */
export async function serviceAccountOf(kubeconfig: string, namespace: string): Promise<void> {
  // Not `kubectl wait --for=create`: kubectl 1.30 does not know it.
  const args = ['get', 'serviceaccount', 'default', '--namespace', namespace];
  let last = await kubectl(kubeconfig, args);
  for (const end = Date.now() + patienceMs; last.status !== 0; last = await kubectl(kubeconfig, args)) {
    if (Date.now() > end) throw new Error(`${namespace} has no service account: ${last.stderr}`);
  }
}
