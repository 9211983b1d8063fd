/** Keeps the ImageInspections of the cluster as they are to be, as long as this replica leads. What is to be done for one of them, the reconciler knows. */
import type { ClusterInformers } from '../cluster/informers.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import {
  createEventRecorder,
  type EventRecorder,
  type EventRecorderObserver,
} from '../kubernetes/event-recorder.ts';
import type { LeaseDetails } from '../kubernetes/leader-election/options.ts';
import type { ReflectorObserver, ReflectorTimes } from '../kubernetes/informer/reflector.ts';
import type { ControllerContext } from './inspect/context.ts';
import { judgedAtAdmission } from './usage/webhook-scope.ts';
import { MissedPods } from './missed-pods.ts';
import type { ControllerObserver } from './observer.ts';
import { OptedOut } from './usage/skipped-pods.ts';
import { LeaderRun } from './leader-run.ts';
import { systemTimers, type Timers } from '../../util/async/timers.ts';

export interface ControllerOptions {
  readonly api: KubernetesApi;
  readonly view: Pick<
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
  /** Of the configuration in use now. */
  readonly inspecting: () => ControllerContext;
  /** This replica, for Events. */
  readonly instance: string;
  /** Pratique's own, whose pods nobody judges. */
  readonly namespace: string;
  /** Is the API server to ask us about new pods of a namespace? null: it is not known yet. Else a pod without a verdict was not missed. */
  readonly isAsked: (namespace: string) => boolean | null;
  readonly observer: ControllerObserver;
  readonly reflectorObserver?: ReflectorObserver;
  readonly eventsObserver?: EventRecorderObserver;
  readonly timers?: Timers;
  /** 0 to 1, as `Math.random`. */
  readonly random?: () => number;
  /** For tests. */
  readonly reflectorTimes?: Partial<ReflectorTimes>;
}

export class Controller {
  readonly #options: ControllerOptions;
  #reign: LeaderRun | null = null;
  #missed: MissedPods | null = null;
  #optedOut: OptedOut | null = null;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  /** For each renewal of the Lease, and for giving it back. */
  readonly annotations = (): Readonly<Record<string, string>> => this.#missed?.annotations() ?? {};

  /** Another version of the configuration is in use. */
  reconfigured(): void {
    this.#reign?.reviewAll();
    this.#optedOut?.review();
  }

  /** As long as this replica has the Lease: until `signal` aborts and all work under way has ended. Rejects for programming errors only. */
  readonly lead = async (signal: AbortSignal, lease: LeaseDetails): Promise<void> => {
    const { api, instance, view, observer, eventsObserver, timers = systemTimers } = this.#options;
    const events = createEventRecorder({
      api,
      instance,
      signal,
      ...(eventsObserver && { observer: eventsObserver }),
    });
    const reign = new LeaderRun({ ...this.#options, timers, events });
    const begun = timers.elapsed();
    // What was counted in an earlier time is in the Lease, or lost.
    this.#missed = null;
    observer.leading(true);
    // What cannot begin must not go on watching either: whoever leads without working keeps all others from it.
    const over = new AbortController();
    const watching = reign.watch(AbortSignal.any([signal, over.signal]));
    try {
      await Promise.all([view.synced(signal), reign.synced(signal)]);
      this.#reign = reign;
      this.#missed = this.#countMissed(lease, events, timers);
      this.#optedOut = this.#countOptedOut();
      reign.forEachPod((pod) => this.#missed?.consider(pod));
      observer.synced(reign.size, timers.elapsed() - begun);
      await reign.work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#optedOut?.end();
      [this.#reign, this.#optedOut] = [null, null];
      reign.end();
      over.abort();
      await Promise.all([watching, events.idle()]);
      observer.images(null);
      observer.leading(false);
    }
  };

  #countOptedOut(): OptedOut {
    const { view, inspecting, namespace, observer } = this.#options;
    return new OptedOut({
      pods: view.pods,
      inspecting,
      own: namespace,
      count: (pods) => observer.optedOut(pods),
    });
  }

  #countMissed({ createdAt, annotations }: LeaseDetails, events: EventRecorder, timers: Timers): MissedPods {
    const { namespace, observer, inspecting, isAsked } = this.#options;
    return new MissedPods({
      isAsked,
      since: createdAt,
      annotations,
      now: () => timers.now(),
      isJudged: (pod) => judgedAtAdmission(pod, namespace, inspecting()),
      missed: (pod) => {
        observer.podMissed(pod);
        const { name, uid } = pod;
        const about = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name, uid };
        const message =
          'was stored without Pratique having seen it: its webhook did not answer, or was not asked. Its images are inspected now';
        events.record({ regarding: about, type: 'Warning', reason: 'AdmissionMissed', message });
      },
    });
  }
}
