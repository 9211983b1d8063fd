/** Observers of informers, leader election and registration, which write log events. */
import type { RotationObserver } from '../../serve/certificates/authority/rotation.ts';
import type { LeaderElectionObserver } from '../../watch/kubernetes/leader-election/options.ts';
import type { ReflectorObserver } from '../../watch/kubernetes/informer/reflector.ts';
import type { CaBundleObserver } from '../../watch/registration/ca-bundle.ts';
import type { EventLog } from '../logs/logger.ts';
import { Repeats } from '../logs/repeats.ts';

export function observeReflectors(log: EventLog): ReflectorObserver {
  const repeats = new Repeats();
  return {
    synced({ plural }, objects, ms) {
      repeats.reset(plural);
      log.write('informer-synced', { kind: plural, objects, durationMs: Math.round(ms) });
    },
    watchFailed({ plural }, error) {
      if (repeats.isFirst(plural, error)) log.write('informer-watch-failed', { kind: plural, error });
    },
    watchRestarted: ({ plural }, reason) => log.write('informer-watch-restarted', { kind: plural, reason }),
    handlerThrew: ({ plural }, error) => log.write('informer-handler-error', { kind: plural, error }),
  };
}

/** Logs changes of the Lease; `observeController` logs whether this replica leads. */
export function observeLease(log: EventLog, identity: string): LeaderElectionObserver {
  const repeats = new Repeats();
  return {
    leadingChanged() {},
    leaderChanged(by) {
      if (by !== identity) log.write('leader-changed', { holder: by });
    },
    failed(error) {
      if (repeats.isFirst('lease', error)) log.write('leader-election-error', { error });
    },
  };
}

export function observeRegistration(log: EventLog): CaBundleObserver & RotationObserver {
  return {
    caBundleUpdated: (configuration) => log.write('ca-bundle-updated', { configuration }),
    caBundleUpdateFailed: (error) => log.write('ca-bundle-update-failed', { error }),
    authorityRotated: (step, notAfter) =>
      log.write('authority-rotated', { step, notAfter: notAfter.toISOString() }),
    rotationFailed: (error) => log.write('authority-rotation-failed', { error }),
  };
}
