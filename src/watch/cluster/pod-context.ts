/** What the cluster knows around a workload, gathered for its judgement. */
import type { LivePlacement, PodPlacement } from '../../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../../judge/nodes/placement/static-placement.ts';
import type { Subject } from '../../judge/subject.ts';
import type { ContextProvider, PodContext } from '../../judge/cluster-context.ts';
import { fields } from '../../util/unstructured.ts';
import type { Workload } from '../../judge/workload/workload.ts';
import type { InspectionObserver } from '../../resolve/inspection/observer.ts';
import { clean } from '../../util/text/text.ts';
import type { ClusterCredentials, KnownCredentials } from './lookups/credentials.ts';
import type { NamespaceLabels, Namespaces } from './lookups/namespaces.ts';
import { ownerOf } from './records/owner.ts';
import { pullSecretNames, serviceAccountName } from './records/projection.ts';
import { type Asking, type RecallOptions, recalled } from './history/last-known.ts';
import type { Place } from './history/owner-pins.ts';
import type { Siblings } from './history/earlier-digests.ts';

export interface PodContextOptions {
  readonly namespaces: Pick<Namespaces, 'labels'>;
  readonly credentials: Pick<ClusterCredentials, 'of' | 'late'>;
  readonly siblings: Pick<Siblings, 'earlier' | 'answered'>;
  readonly images: RecallOptions['images'];
  readonly placement: LivePlacement;
  /** Where a pod can land while the nodes are not known. */
  readonly blind: Placement;
  /** Are the nodes known? */
  readonly seesNodes: () => boolean;
  /** `cache.maxStale`, milliseconds. */
  readonly maxStaleMs: number;
  readonly observer: Pick<InspectionObserver, 'cache'>;
}

export function createPodContextProvider(options: PodContextOptions): ContextProvider {
  return (subject) => {
    const { namespace, workload } = subject;
    const spec = fields(workload.pod['spec']);
    const pullSecrets = pullSecretNames(spec);
    const serviceAccount = serviceAccountName(spec);
    const labels = options.namespaces.labels(namespace);
    // The API server has put the service account's secrets into a pod that names none; a template it leaves alone.
    const names = { namespace, pullSecrets, serviceAccount: workload.template ? serviceAccount : null };
    const known = options.credentials.of(names);
    const from = (at: NamespaceLabels, having: KnownCredentials): PodContext => {
      const asking = { namespace, serviceAccount, pullSecrets, names: having.names };
      return assembled(options, subject, at, having, asking);
    };
    if (!(labels instanceof Promise || known instanceof Promise)) return from(labels, known);
    return {
      all: Promise.all([labels, known]).then(([at, having]) => from(at, having)),
      soFar: () =>
        from(
          labels instanceof Promise ? unseen : labels,
          known instanceof Promise ? options.credentials.late(names) : known,
        ),
    };
  };
}

const unseen: NamespaceLabels = { kind: 'failed', code: 'Timeout' };

function assembled(
  options: PodContextOptions,
  { namespace, workload, old }: Subject,
  labels: NamespaceLabels,
  { credentials, unread, absent, warnings }: KnownCredentials,
  asking: Asking,
): PodContext {
  const { siblings } = options;
  const place = placing(namespace, workload);
  return {
    ...landing(options, workload, old !== null),
    labels: labels.kind === 'found' ? labels.value : {},
    credentials,
    unreadableSecret: unread,
    absentSecrets: absent,
    warnings: labels.kind === 'found' ? warnings : [unlabelled(namespace), ...warnings],
    earlierDigest(use) {
      const at = place(use);
      return at && siblings.earlier(at);
    },
    recordPin(use, digest) {
      const at = place(use);
      if (at) siblings.answered(at, digest);
    },
    lastKnown: (reference, now) => recalled(options, asking, reference, now),
  };
}

function landing(
  { placement, blind, seesNodes }: PodContextOptions,
  workload: Workload,
  exists: boolean,
): Pick<PodPlacement, 'eligibleGroups' | 'isOnNode'> {
  if (seesNodes()) {
    const { eligibleGroups, isOnNode: present } = placement(workload.pod, exists && !workload.template);
    return { eligibleGroups, isOnNode: present };
  }
  return { eligibleGroups: blind(workload), isOnNode: () => false };
}

/** Where a use stands among those of its siblings; templates have none. */
function placing(
  namespace: string,
  workload: Workload,
): (use: { readonly container: string; readonly image: string }) => Place | null {
  const owner = workload.template ? null : ownerOf(workload.pod);
  if (!owner) return () => null;
  return ({ container, image }) => ({ namespace, ownerUid: owner.uid, container, original: image });
}

function unlabelled(namespace: string): string {
  return `the labels of namespace "${clean(namespace, 63)}" could not be read; it is judged as if it had none`;
}
