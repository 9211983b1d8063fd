/** Cluster context of a workload for its judgement: namespace labels, credentials, eligible nodes, earlier digests. */
import type { LivePlacement, PodPlacement } from '../../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../../judge/nodes/placement/static-placement.ts';
import type { Subject } from '../../judge/subject.ts';
import type { ContextProvider, PodContext } from '../../judge/cluster-context.ts';
import { fields } from '../../util/unstructured.ts';
import type { Workload } from '../../judge/workload/workload.ts';
import type { InspectionObserver } from '../../resolve/inspection/observer.ts';
import { clean } from '../../util/text/text.ts';
import type { ClusterCredentials, KnownCredentials } from './lookups/credentials.ts';
import type { LabelLookup, NamespaceReader } from './lookups/namespaces.ts';
import { controllerOf, ownerOf } from './records/pod-owner.ts';
import { pullSecretsOf, serviceAccountOf } from './records/projection.ts';
import { type Requester, type LastKnownOptions, lastKnown } from './history/last-known.ts';
import type { AdmittedOwners } from './history/admitted-owners.ts';
import type { OwnerContainer } from './history/owner-pins.ts';
import type { EarlierDigests } from './history/earlier-digests.ts';

export interface PodContextOptions {
  readonly namespaces: Pick<NamespaceReader, 'labels'>;
  readonly credentials: Pick<ClusterCredentials, 'for' | 'onTimeout'>;
  readonly earlierDigests: Pick<EarlierDigests, 'get' | 'record'>;
  readonly admittedOwners: Pick<AdmittedOwners, 'has'>;
  readonly inspectionIndex: LastKnownOptions['inspectionIndex'];
  readonly placement: LivePlacement;
  /** Where a pod can be scheduled while the nodes are unknown. */
  readonly fallbackPlacement: Placement;
  /** Returns whether the nodes are known. */
  readonly areNodesKnown: () => boolean;
  /** Value of `cache.maxStale` in milliseconds. */
  readonly maxStaleMs: number;
  readonly observer: Pick<InspectionObserver, 'cache'>;
}

export function createPodContextProvider(options: PodContextOptions): ContextProvider {
  return (subject) => {
    const { namespace, workload } = subject;
    const spec = fields(workload.pod['spec']);
    const pullSecrets = pullSecretsOf(spec);
    const serviceAccount = serviceAccountOf(spec);
    const labels = options.namespaces.labels(namespace);
    // The API server adds the service account's secrets to a pod that names none, but not to a template.
    const names = { namespace, pullSecrets, serviceAccount: workload.template ? serviceAccount : null };
    const known = options.credentials.for(names);
    const build = (container: LabelLookup, known: KnownCredentials): PodContext => {
      const requester = { namespace, serviceAccount, pullSecrets, pullSecretNames: known.names };
      return buildPodContext(options, subject, container, known, requester);
    };
    if (!(labels instanceof Promise || known instanceof Promise)) return build(labels, known);
    return {
      all: Promise.all([labels, known]).then(([container, known]) => build(container, known)),
      soFar: () =>
        build(
          labels instanceof Promise ? labelsTimedOut : labels,
          known instanceof Promise ? options.credentials.onTimeout(names) : known,
        ),
    };
  };
}

const labelsTimedOut: LabelLookup = { kind: 'failed', code: 'Timeout' };

function buildPodContext(
  options: PodContextOptions,
  { namespace, workload, old }: Subject,
  labels: LabelLookup,
  { credentials, unreadable, absent, warnings }: KnownCredentials,
  requester: Requester,
): PodContext {
  const { earlierDigests } = options;
  const containerFor = ownerContainerFor(namespace, workload);
  return {
    ...eligibleNodes(options, workload, old !== null),
    labels: labels.kind === 'found' ? labels.value : {},
    credentials,
    unreadableSecret: unreadable,
    absentSecrets: absent,
    warnings: labels.kind === 'found' ? warnings : [labelsUnreadable(namespace), ...warnings],
    earlierDigest(use) {
      const container = containerFor(use);
      return container && earlierDigests.get(container);
    },
    hasAdmittedSibling() {
      const controller = workload.template ? null : controllerOf(fields(workload.pod['metadata']));
      const images = workload.uses.map(({ image }) => image);
      return controller !== null && options.admittedOwners.has(namespace, controller.uid, images);
    },
    recordPin(use, digest) {
      const container = containerFor(use);
      if (container) earlierDigests.record(container, digest);
    },
    lastKnown: (reference, now) => lastKnown(options, requester, reference, now),
  };
}

function eligibleNodes(
  { placement, fallbackPlacement, areNodesKnown }: PodContextOptions,
  workload: Workload,
  exists: boolean,
): Pick<PodPlacement, 'eligibleGroups' | 'isOnNode'> {
  if (areNodesKnown()) {
    const { eligibleGroups, isOnNode } = placement(workload.pod, exists && !workload.template);
    return { eligibleGroups, isOnNode };
  }
  return { eligibleGroups: fallbackPlacement(workload), isOnNode: () => false };
}

/** Identifies a container among the pods of the same owner; null for templates. */
function ownerContainerFor(
  namespace: string,
  workload: Workload,
): (use: { readonly container: string; readonly image: string }) => OwnerContainer | null {
  const owner = workload.template ? null : ownerOf(workload.pod);
  if (!owner) return () => null;
  return ({ container, image }) => ({ namespace, ownerUid: owner.uid, container, original: image });
}

function labelsUnreadable(namespace: string): string {
  return `the labels of namespace "${clean(namespace, 63)}" could not be read; it is treated as having none`;
}
