/** Controller that keeps the ImageInspections of the cluster up to date while this replica leads. The reconciler handles one object at a time. */
import { createEventRecorder, type EventRecorder } from '../kubernetes/event-recorder.ts';
import type { LeaseDetails } from '../kubernetes/leader-election/options.ts';
import { systemTimers, type Timers } from '../../util/async/timers.ts';
import { LeaderRun } from './leader-run.ts';
import { MissedPods } from './missed-pods.ts';
import type { ControllerOptions } from './dependencies.ts';
import { SkippedPods } from './usage/skipped-pods.ts';
import { UnpinnedPods } from './usage/unpinned-pods.ts';
import { isJudgedAtAdmission } from './usage/webhook-scope.ts';

export class Controller {
  readonly #options: ControllerOptions;
  #run: LeaderRun | null = null;
  #missedPods: MissedPods | null = null;
  #skippedPods: SkippedPods | null = null;
  #unpinnedPods: UnpinnedPods | null = null;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  /** Returns the annotations to write with each renewal and with the release of the Lease. */
  readonly annotations = (): Readonly<Record<string, string>> => this.#missedPods?.annotations() ?? {};

  /** Reviews all objects because another configuration is active. */
  configurationChanged(): void {
    this.#run?.enqueueAll();
    this.#skippedPods?.report();
    this.#unpinnedPods?.recount();
  }

  /** Runs while this replica holds the Lease: until `signal` aborts and all work in flight has ended. Rejects only for programming errors. */
  readonly lead = async (signal: AbortSignal, lease: LeaseDetails): Promise<void> => {
    const { api, instance, informers, observer, eventsObserver, timers = systemTimers } = this.#options;
    const events = createEventRecorder({
      api,
      instance,
      signal,
      ...(eventsObserver && { observer: eventsObserver }),
    });
    const run = new LeaderRun({ ...this.#options, timers, events });
    const startedAt = timers.elapsed();
    // Counts of an earlier term are in the Lease's annotations or lost.
    this.#missedPods = null;
    observer.leadingChanged(true);
    // A leader that cannot start must stop its watches too: it would keep the Lease from a replica that works.
    const failed = new AbortController();
    const watching = run.watch(AbortSignal.any([signal, failed.signal]));
    try {
      await Promise.all([informers.synced(signal), run.synced(signal)]);
      this.#run = run;
      this.#missedPods = this.#trackMissedPods(lease, events, timers);
      this.#skippedPods = this.#trackSkippedPods();
      this.#unpinnedPods = this.#trackUnpinnedPods();
      run.forEachPod((pod) => this.#missedPods?.consider(pod));
      observer.synced(run.size, timers.elapsed() - startedAt);
      await run.work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#skippedPods?.stop();
      this.#unpinnedPods?.stop();
      [this.#run, this.#skippedPods, this.#unpinnedPods] = [null, null, null];
      run.stop();
      failed.abort();
      await Promise.all([watching, events.idle()]);
      observer.images(null);
      observer.leadingChanged(false);
    }
  };

  #trackSkippedPods(): SkippedPods {
    const { informers, context, namespace, observer } = this.#options;
    return new SkippedPods({
      pods: informers.pods,
      context,
      ownNamespace: namespace,
      onCount: (pods) => observer.podsSkipped(pods),
    });
  }

  #trackUnpinnedPods(): UnpinnedPods {
    const { informers, observer } = this.#options;
    const onCount = (pods: number): void => observer.podsUnpinned(pods);
    return new UnpinnedPods({ ...this.#options, pods: informers.pods, onCount });
  }

  #trackMissedPods(
    { createdAt, annotations }: LeaseDetails,
    events: EventRecorder,
    timers: Timers,
  ): MissedPods {
    const { namespace, observer, context, isWebhookRegistered } = this.#options;
    return new MissedPods({
      isWebhookRegistered,
      installedAt: createdAt,
      annotations,
      now: () => timers.now(),
      isJudged: (pod) => isJudgedAtAdmission(pod, namespace, context()),
      onMissed: (pod) => {
        observer.admissionMissed(pod);
        const { name, uid } = pod;
        const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name, uid };
        const message =
          'was stored without Pratique having seen it: its webhook did not answer, or was not asked. Its images are inspected now';
        events.record({ regarding, type: 'Warning', reason: 'AdmissionMissed', message });
      },
    });
  }
}
