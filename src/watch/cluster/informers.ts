/** Informers that every replica runs. Workload templates are watched by the controller only. */
import { nodeOf } from '../../judge/nodes/node-of.ts';
import type { ClusterNode, ClusterNodes, RuntimeClass } from '../../judge/nodes/node.ts';
import { References } from '../../judge/image/references.ts';
import { entry, fields, items, text } from '../../util/unstructured.ts';
import { type ImageInspection, readInspection } from '../api/parse-inspection.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import {
  Reflector,
  type ReflectorObserver,
  type ReflectorOptions,
} from '../kubernetes/informer/reflector.ts';
import { imageInspections, namespaces, nodes, pods, runtimeClasses } from '../kubernetes/resource.ts';
import { type SyncStatus, describeUnsynced } from '../kubernetes/informer/sync-status.ts';
import type { StoreView } from '../kubernetes/informer/store.ts';
import { type NamespaceLabels, pratiqueLabels } from './lookups/namespaces.ts';
import { projectPod } from './records/pod-projection.ts';
import type { PodRecord } from './records/pod-record.ts';
import { type InternPools, createInternPools } from './records/projection.ts';
import { InspectionIndex } from './history/inspection-index.ts';
import { OwnerPins } from './history/owner-pins.ts';
import { AdmittedOwners } from './history/admitted-owners.ts';
import { EarlierDigests } from './history/earlier-digests.ts';

export interface ClusterInformersOptions {
  readonly api: KubernetesApi;
  readonly observer?: ReflectorObserver;
  /** For tests. */
  readonly times?: NonNullable<ReflectorOptions<unknown>['times']>;
}

type WatchedKind = SyncStatus & Pick<Reflector<unknown>, 'synced' | 'run'>;

export class ClusterInformers {
  readonly pods: StoreView<PodRecord>;
  readonly nodes: ClusterNodes;
  /** The cache behind `nodes`, for change listeners. */
  readonly nodeStore: StoreView<ClusterNode>;
  readonly namespaces: StoreView<NamespaceLabels>;
  readonly runtimeClasses: StoreView<RuntimeClass>;
  readonly inspections: StoreView<ImageInspection>;
  readonly inspectionIndex: InspectionIndex;
  readonly earlierDigests: EarlierDigests;
  readonly admittedOwners: AdmittedOwners;
  /** Pools for other projections, so that they share values with these. */
  readonly interned: InternPools = createInternPools();
  readonly references = new References();
  readonly #reflectors: readonly (readonly [what: string, WatchedKind])[];

  constructor({ api, observer, times }: ClusterInformersOptions) {
    const common = { api, ...(observer && { observer }), ...(times && { times }) };
    const { interned } = this;
    const share = (name: string) => interned.texts.share(name, () => name);
    const podReflector = new Reflector<PodRecord>({
      ...common,
      resource: pods,
      project: (object) => projectPod(object, interned),
    });
    const nodeReflector = new Reflector<ClusterNode>({
      ...common,
      resource: nodes,
      project: (object) => nodeOf(object, share),
    });
    const namespaceReflector = new Reflector<NamespaceLabels>({
      ...common,
      resource: namespaces,
      project: pratiqueLabels,
    });
    const classReflector = new Reflector<RuntimeClass>({
      ...common,
      resource: runtimeClasses,
      project: projectRuntimeClass,
    });
    const inspectionReflector = new Reflector<ImageInspection>({
      ...common,
      resource: imageInspections,
      project: readInspection,
      optional: true,
    });
    this.pods = podReflector;
    this.nodes = liveNodes(nodeReflector);
    this.nodeStore = nodeReflector;
    this.namespaces = namespaceReflector;
    this.runtimeClasses = classReflector;
    this.inspections = inspectionReflector;
    this.#reflectors = [
      ['pods', podReflector],
      ['nodes', nodeReflector],
      ['namespaces', namespaceReflector],
      ['runtimeclasses', classReflector],
      ['imageinspections', inspectionReflector],
    ];
    const referenceIn = (image: string) => this.references.in(image);
    this.inspectionIndex = new InspectionIndex({ store: inspectionReflector, referenceIn });
    const { inspectionIndex } = this;
    this.admittedOwners = new AdmittedOwners({ pods: podReflector, inspectionIndex, referenceIn });
    this.earlierDigests = new EarlierDigests({
      pins: new OwnerPins(podReflector),
      inspectionIndex,
      referenceIn,
    });
  }

  /** Runs until `signal` aborts; never rejects. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map(([, reflector]) => reflector.run(signal)));
  }

  /** Resolves when all kinds are synced; rejects if `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map(([, reflector]) => reflector.synced(signal)));
  }

  get isSynced(): boolean {
    return this.#reflectors.every(([, { isSynced }]) => isSynced);
  }

  /** Returns a readiness message that names the kinds not synced yet; null if all are. */
  notSynced(): string | null {
    return describeUnsynced(this.#reflectors);
  }
}

function projectRuntimeClass(object: unknown): RuntimeClass | null {
  const { metadata, scheduling } = fields(object);
  const name = text(fields(metadata)['name']);
  const { nodeSelector, tolerations } = fields(scheduling);
  const labels = Object.keys(fields(nodeSelector)).map((key) => [key, entry(nodeSelector, key) ?? '']);
  return name === ''
    ? null
    : { name, nodeSelector: Object.fromEntries(labels), tolerations: items(tolerations) };
}

/** Returns the nodes with a version that changes when a node does. Node heartbeats change neither. */
export function liveNodes(store: StoreView<ClusterNode>): ClusterNodes {
  let version = 0;
  store.subscribe(() => {
    version++;
  });
  return {
    get version() {
      return version;
    },
    get: (name) => store.get(name),
    values: () => store.values(),
  };
}
