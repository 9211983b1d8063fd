/** Observers of the controller, its Events and the API client, which write log events and count. */
import { conditionOf } from '../../watch/api/conditions.ts';
import type { ControllerObserver } from '../../watch/controller/observer.ts';
import { KubernetesError } from '../../watch/kubernetes/api.ts';
import type { ApiObserver } from '../../watch/kubernetes/client/client.ts';
import type { EventRecorderObserver } from '../../watch/kubernetes/event-recorder.ts';
import type { EventLog } from '../logs/logger.ts';
import { Repeats } from '../logs/repeats.ts';
import type { Metrics } from '../metrics/metrics.ts';

export function observeController({ cluster }: Metrics, log: EventLog): ControllerObserver {
  // On a replica that does not lead, the gauge is 0 from the start.
  cluster.leading(false);
  return {
    leadingChanged(leads) {
      cluster.leading(leads);
      log.write(leads ? 'leader-election-won' : 'leader-election-lost', {});
    },
    synced: (images, ms) => log.write('controller-synced', { images, durationMs: Math.round(ms) }),
    created: (object) => log.write('inspection-created', object),
    removed: (object) => log.write('inspection-removed', object),
    nameConflict: (object, hidden) => log.write('inspection-name-conflict', { ...object, hidden }),
    resultChanged(object, before, after) {
      const { result, reason = null } = after;
      const type = result === 'platform-missing' ? 'PlatformsSatisfied' : 'Available';
      const message = conditionOf(after, type)?.message ?? null;
      const was = before?.result ?? null;
      log.write('image-result-changed', { ...object, before: was, result, reason, message });
    },
    deferred: (object, reason) => log.write('inspection-deferred', { ...object, reason }),
    reconcileFailed(key, error, failures) {
      cluster.reconcileFailed();
      log.write('reconcile-failed', { object: key, error, failures });
    },
    admissionMissed({ namespace, name }) {
      cluster.podMissed();
      log.write('admission-missed', { namespace, name });
    },
    podsSkipped: (pods) => cluster.optedOut(pods),
    podsUnpinned: (pods) => cluster.unpinned(pods),
    images: (counts) => cluster.images(counts),
    queueDepthChanged: (depth) => cluster.queued(depth),
  };
}

/** Logs and counts only the Events that were not written. */
export function observeEvents({ cluster }: Metrics, log: EventLog): EventRecorderObserver {
  const repeats = new Repeats();
  return {
    written() {},
    dropped: () => cluster.eventDiscarded('dropped'),
    failed({ regarding: { namespace, name }, reason }, error) {
      cluster.eventDiscarded('failed');
      // The message names the Event, so equal errors are recognised by their code.
      if (!repeats.isFirst('events', error instanceof KubernetesError ? error.code : error)) return;
      log.write('event-failed', { namespace, name, reason, error });
    },
  };
}

export function observeApi({ cluster }: Metrics): ApiObserver {
  return { requested: (verb, resource, code) => cluster.requested(verb, resource, code) };
}
