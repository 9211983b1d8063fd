/** Counter of the running pods excluded from checks by their label. */
import { honoursSkipLabel } from '../../../judge/policy/opt-out.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { Change, StoreView } from '../../kubernetes/informer/store.ts';
import type { ControllerContext } from '../inspect/context.ts';
import { isExcludedNamespace } from './webhook-scope.ts';

export interface SkippedPodsOptions {
  readonly pods: Pick<StoreView<PodRecord>, 'values' | 'subscribe'>;
  /** Returns the context of the active configuration. */
  readonly context: () => Pick<ControllerContext, 'judge' | 'labels'>;
  /** Pratique's own namespace. */
  readonly ownNamespace: string;
  /** Called when the count may have changed. */
  readonly onCount: (pods: number) => void;
}

export class SkippedPods {
  readonly #options: SkippedPodsOptions;
  /** Number of pods by namespace, because the configuration decides where the label is honoured. */
  readonly #pods = new Map<string, number>();
  readonly #unsubscribe: () => void;

  /** Counts existing pods and each change until `stop`. */
  constructor(options: SkippedPodsOptions) {
    this.#options = options;
    for (const pod of options.pods.values()) this.#add(pod, 1);
    this.#unsubscribe = options.pods.subscribe((change) => this.#apply(change));
    this.report();
  }

  /** Reports the count again after another configuration has become active. */
  report(): void {
    const { judge, labels } = this.#options.context();
    const counted = [...this.#pods].filter(([name]) =>
      honoursSkipLabel({ name, labels: labels(name) }, judge.policies),
    );
    this.#options.onCount(counted.reduce((total, [, pods]) => total + pods, 0));
  }

  stop(): void {
    this.#unsubscribe();
  }

  #apply({ before, after }: Change<PodRecord>): void {
    const changes = [before ? this.#add(before, -1) : false, after ? this.#add(after, 1) : false];
    if (changes.includes(true)) this.report();
  }

  /** Adds a pod to the count or removes it. Returns false if the pod is not excluded by its label. */
  #add(pod: PodRecord, by: 1 | -1): boolean {
    const { namespace, hasSkipLabel, isStaticPod, isFinished } = pod;
    if (
      !hasSkipLabel ||
      isStaticPod ||
      isFinished ||
      isExcludedNamespace(namespace, this.#options.ownNamespace)
    )
      return false;
    const pods = (this.#pods.get(namespace) ?? 0) + by;
    if (pods === 0) this.#pods.delete(namespace);
    else this.#pods.set(namespace, pods);
    return true;
  }
}
