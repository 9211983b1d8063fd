/** What every replica watches of the cluster, and what it keeps of it. Templates of workloads are the controller's alone. */
import { nodeOf } from '../../judge/nodes/node-of.ts';
import type { ClusterNode, ClusterNodes, RuntimeClass } from '../../judge/nodes/node.ts';
import { References } from '../../judge/image/references.ts';
import { entry, fields, items, text } from '../../util/unstructured.ts';
import { type ImageInspection, readInspection } from '../api/read.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import {
  Reflector,
  type ReflectorObserver,
  type ReflectorOptions,
} from '../kubernetes/informer/reflector.ts';
import { imageInspections, namespaces, nodes, pods, runtimeClasses } from '../kubernetes/resource.ts';
import { type Listing, missingOf } from '../kubernetes/informer/sync-status.ts';
import type { StoreView } from '../kubernetes/informer/store.ts';
import { liveNodes } from './live-nodes.ts';
import { type Labels, labelsOf } from './lookups/namespaces.ts';
import { podRecordOf } from './records/pod-projection.ts';
import type { PodRecord } from './records/pod-record.ts';
import { type SharedParts, sharedParts } from './records/projection.ts';
import { RememberedImages } from './history/remembered-images.ts';
import { SiblingPins } from './history/owner-pins.ts';
import { Siblings } from './history/earlier-digests.ts';

export interface ClusterViewOptions {
  readonly api: KubernetesApi;
  readonly observer?: ReflectorObserver;
  /** For tests. */
  readonly times?: NonNullable<ReflectorOptions<unknown>['times']>;
}

type Watched = Listing & Pick<Reflector<unknown>, 'synced' | 'run'>;

export class ClusterInformers {
  readonly pods: StoreView<PodRecord>;
  readonly nodes: ClusterNodes;
  /** The same, for whoever wants to hear of changes. */
  readonly nodeStore: StoreView<ClusterNode>;
  readonly namespaces: StoreView<Labels>;
  readonly runtimeClasses: StoreView<RuntimeClass>;
  readonly inspections: StoreView<ImageInspection>;
  readonly images: RememberedImages;
  readonly siblings: Siblings;
  /** For other projections, which then share with these. */
  readonly shared: SharedParts = sharedParts();
  readonly references = new References();
  readonly #reflectors: readonly (readonly [what: string, Watched])[];

  constructor({ api, observer, times }: ClusterViewOptions) {
    const common = { api, ...(observer && { observer }), ...(times && { times }) };
    const { shared } = this;
    const share = (name: string) => shared.texts.share(name, () => name);
    const podReflector = new Reflector<PodRecord>({
      ...common,
      resource: pods,
      project: (object) => podRecordOf(object, shared),
    });
    const nodeReflector = new Reflector<ClusterNode>({
      ...common,
      resource: nodes,
      project: (object) => nodeOf(object, share),
    });
    const namespaceReflector = new Reflector<Labels>({
      ...common,
      resource: namespaces,
      project: labelsOf,
    });
    const classReflector = new Reflector<RuntimeClass>({
      ...common,
      resource: runtimeClasses,
      project: runtimeClassOf,
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
    this.images = new RememberedImages({ store: inspectionReflector, referenceIn });
    this.siblings = new Siblings({ pins: new SiblingPins(podReflector), images: this.images, referenceIn });
  }

  /** Watches until `signal` aborts; the promise ends then, and never rejects. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map(([, reflector]) => reflector.run(signal)));
  }

  /** Resolves when everything was listed once; rejects when `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map(([, reflector]) => reflector.synced(signal)));
  }

  get isSynced(): boolean {
    return this.#reflectors.every(([, { isSynced }]) => isSynced);
  }

  /** For readiness: what was not listed yet, and why; null when everything was. */
  missing(): string | null {
    return missingOf(this.#reflectors);
  }
}

function runtimeClassOf(object: unknown): RuntimeClass | null {
  const { metadata, scheduling } = fields(object);
  const name = text(fields(metadata)['name']);
  const { nodeSelector, tolerations } = fields(scheduling);
  const labels = Object.keys(fields(nodeSelector)).map((key) => [key, entry(nodeSelector, key) ?? '']);
  return name === ''
    ? null
    : { name, nodeSelector: Object.fromEntries(labels), tolerations: items(tolerations) };
}
