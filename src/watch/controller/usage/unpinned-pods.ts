/** Counter of the pods that run an image by its tag although the policy pins it. */
import { referenceIn } from '../../../judge/image/references.ts';
import { isActive } from '../../../judge/policy/decide.ts';
import { canChangePodsOf } from '../../../judge/policy/pin-owners.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import type { PodRecord, UsedImage } from '../../cluster/records/pod-record.ts';
import type { Change, StoreView } from '../../kubernetes/informer/store.ts';
import type { ControllerOptions } from '../dependencies.ts';
import { policyOf } from '../inspect/plan.ts';
import { isJudgedAtAdmission } from './webhook-scope.ts';

/** Where admission pins images: see `ControllerOptions`. */
export type UnpinnedScope = Pick<ControllerOptions, 'namespace' | 'context' | 'isWebhookRegistered'>;

/** Returns whether admission should have pinned this image of a pod. */
export function isUnpinned(
  pod: PodRecord,
  { image, original, pullPolicy }: UsedImage,
  { namespace: ownNamespace, context: activeContext, isWebhookRegistered }: UnpinnedScope,
): boolean {
  const { kind, namespace, controller, isFinished, hasVerdict, createdAt } = pod;
  const context = activeContext();
  if (kind !== 'Pod' || isFinished || image !== original || pullPolicy === 'Never') return false;
  const reference = referenceIn(image);
  if (reference instanceof InvalidReference || reference.digest !== null) return false;
  const policy = policyOf(namespace, reference, context);
  if (!isActive(policy) || policy.pin === 'off') return false;
  if (!hasVerdict && isWebhookRegistered(namespace, createdAt) !== true) return false;
  return (
    canChangePodsOf(controller && { group: groupOf(controller.apiVersion), kind: controller.kind }, policy) &&
    isJudgedAtAdmission(pod, ownNamespace, context)
  );
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

export interface UnpinnedPodsOptions extends UnpinnedScope {
  readonly pods: Pick<StoreView<PodRecord>, 'values' | 'subscribe'>;
  /** Called when the count may have changed. */
  readonly onCount: (pods: number) => void;
}

export class UnpinnedPods {
  readonly #options: UnpinnedPodsOptions;
  readonly #uids = new Set<string>();
  readonly #unsubscribe: () => void;

  /** Counts existing pods and each change until `stop`. */
  constructor(options: UnpinnedPodsOptions) {
    this.#options = options;
    this.#unsubscribe = options.pods.subscribe((change) => this.#apply(change));
    this.recount();
  }

  /** Counts all pods again because another configuration is active. */
  recount(): void {
    this.#uids.clear();
    for (const pod of this.#options.pods.values()) if (this.#isUnpinned(pod)) this.#uids.add(pod.uid);
    this.#options.onCount(this.#uids.size);
  }

  stop(): void {
    this.#unsubscribe();
  }

  #apply({ before, after }: Change<PodRecord>): void {
    const size = this.#uids.size;
    if (before) this.#uids.delete(before.uid);
    if (after && this.#isUnpinned(after)) this.#uids.add(after.uid);
    if (this.#uids.size !== size) this.#options.onCount(this.#uids.size);
  }

  #isUnpinned(pod: PodRecord): boolean {
    return pod.images.some((use) => isUnpinned(pod, use, this.#options));
  }
}
