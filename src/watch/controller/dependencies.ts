/** Options of the controller. */
import type { ClusterInformers } from '../cluster/informers.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import type { EventRecorderObserver } from '../kubernetes/event-recorder.ts';
import type { ReflectorObserver, ReflectorTimes } from '../kubernetes/informer/reflector.ts';
import type { Timers } from '../../util/async/timers.ts';
import type { ControllerContext } from './inspect/context.ts';
import type { ControllerObserver } from './observer.ts';

export interface ControllerOptions {
  readonly api: KubernetesApi;
  readonly informers: Pick<
    ClusterInformers,
    | 'pods'
    | 'nodeStore'
    | 'namespaces'
    | 'runtimeClasses'
    | 'inspections'
    | 'interned'
    | 'references'
    | 'synced'
  >;
  /** Returns the context of the active configuration. */
  readonly context: () => ControllerContext;
  /** Name of this replica, written to Events. */
  readonly instance: string;
  /** Pratique's own namespace, whose pods are not judged. */
  readonly namespace: string;
  /** Returns whether the webhook was registered for a pod created then (milliseconds since the epoch) in a namespace; null if that is not known yet. A pod without a verdict was missed only if it is. */
  readonly isWebhookRegistered: (namespace: string, createdAt: number) => boolean | null;
  readonly observer: ControllerObserver;
  readonly reflectorObserver?: ReflectorObserver;
  readonly eventsObserver?: EventRecorderObserver;
  readonly timers?: Timers;
  /** Returns a number in [0, 1); defaults to `Math.random`. */
  readonly random?: () => number;
  /** For tests. */
  readonly reflectorTimes?: Partial<ReflectorTimes>;
}
