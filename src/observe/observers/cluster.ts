/** Observers of informers, leader election and registration: they write log events. */
import type { RotationObserver } from '../../serve/certificates/authority/rotation.ts';
import type { LeaseObserver } from '../../watch/kubernetes/leader-election/leader-election.ts';
import type { ReflectorObserver } from '../../watch/kubernetes/informer/reflector.ts';
import type { BundleObserver } from '../../watch/registration/ca-bundle.ts';
import type { EventLog } from '../logs/logger.ts';
import { Repeats } from '../logs/repeats.ts';

export function observeReflectors(log: EventLog): ReflectorObserver {
  const repeats = new Repeats();
  return {
    listed({ plural }, objects, ms) {
      repeats.reset(plural);
      log.write('informer-synced', { kind: plural, objects, durationMs: Math.round(ms) });
    },
    failed({ plural }, error) {
      if (repeats.isFirst(plural, error)) log.write('informer-watch-failed', { kind: plural, error });
    },
    restarted: ({ plural }, reason) => log.write('informer-watch-restarted', { kind: plural, reason }),
    threw: ({ plural }, error) => log.write('informer-handler-error', { kind: plural, error }),
  };
}

/** Logs changes of the Lease; `observeController` logs whether this replica leads. */
export function observeLease(log: EventLog, identity: string): LeaseObserver {
  const repeats = new Repeats();
  return {
    led() {},
    held(by) {
      if (by !== identity) log.write('leader-changed', { holder: by });
    },
    failed(error) {
      if (repeats.isFirst('lease', error)) log.write('leader-election-error', { error });
    },
  };
}

export function observeRegistration(log: EventLog): BundleObserver & RotationObserver {
  return {
    bundleRegistered: (configuration) => log.write('ca-bundle-updated', { configuration }),
    bundleFailed: (error) => log.write('ca-bundle-update-failed', { error }),
    authorityRotated: (step, notAfter) =>
      log.write('authority-rotated', { step, notAfter: notAfter.toISOString() }),
    rotationFailed: (error) => log.write('authority-rotation-failed', { error }),
  };
}
