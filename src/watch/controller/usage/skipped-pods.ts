/** Counts the pods that nobody judges because they ask for that by their label: the API server never shows them to the webhooks. */
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { Change, StoreView } from '../../kubernetes/informer/store.ts';
import type { ControllerContext } from '../inspect/context.ts';
import { isExcluded } from './webhook-scope.ts';

export interface OptedOutOptions {
  readonly pods: Pick<StoreView<PodRecord>, 'values' | 'subscribe'>;
  /** Of the configuration in use now. */
  readonly inspecting: () => Pick<ControllerContext, 'judge'>;
  /** Pratique's namespace. */
  readonly own: string;
  /** Hears of it whenever it may be another. */
  readonly count: (pods: number) => void;
}

export class OptedOut {
  readonly #options: OptedOutOptions;
  /** By namespace: whether one is heard there, the configuration says. */
  readonly #pods = new Map<string, number>();
  readonly #leave: () => void;

  /** Counts what is there, and every change until `end`. */
  constructor(options: OptedOutOptions) {
    this.#options = options;
    for (const pod of options.pods.values()) this.#add(pod, 1);
    this.#leave = options.pods.subscribe((change) => this.#changed(change));
    this.review();
  }

  /** Another configuration is in use. */
  review(): void {
    const { policyFor } = this.#options.inspecting().judge.policies;
    const heard = [...this.#pods].filter(([name]) => policyFor({ name, labels: {} }, null).skipLabel);
    this.#options.count(heard.reduce((total, [, pods]) => total + pods, 0));
  }

  end(): void {
    this.#leave();
  }

  #changed({ before, after }: Change<PodRecord>): void {
    const changes = [before ? this.#add(before, -1) : false, after ? this.#add(after, 1) : false];
    if (changes.includes(true)) this.review();
  }

  /** false: it is none of those. */
  #add(pod: PodRecord, by: 1 | -1): boolean {
    const { namespace, hasSkipLabel, isStaticPod, isFinished } = pod;
    if (!hasSkipLabel || isStaticPod || isFinished || isExcluded(namespace, this.#options.own)) return false;
    const pods = (this.#pods.get(namespace) ?? 0) + by;
    if (pods === 0) this.#pods.delete(namespace);
    else this.#pods.set(namespace, pods);
    return true;
  }
}
