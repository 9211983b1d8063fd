/**
 * Watch of the expiry of the certificate in use. It reports once at 7 days, at 1 day, and when the
 * certificate has expired.
 */
import { every } from '../../util/async/every.ts';
import type { CertificateSource } from './source.ts';

export interface ExpiryObserver {
  /**
   * Called once for each threshold, when the certificate in use expires soon. `daysLeft` is 0 if it has
   * expired.
   */
  certificateExpiring(notAfter: Date, daysLeft: number): void;
}

const dayMs = 86_400_000;
const thresholds = [7, 1, 0] as const;

export interface ExpiryTimes {
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  readonly checkEveryMs: number;
}

/** Checks at once and then periodically until `signal` aborts. */
export async function watchExpiry(
  certificates: Pick<CertificateSource, 'current'>,
  observer: ExpiryObserver,
  signal: AbortSignal,
  { now, checkEveryMs }: ExpiryTimes = { now: Date.now, checkEveryMs: 60_000 },
): Promise<void> {
  /** Certificate and threshold of the last report. */
  let reported = '';
  const check = () => {
    const { notAfter } = certificates.current();
    const threshold = thresholds.findLast((days) => notAfter.getTime() - now() <= days * dayMs);
    const key = `${notAfter.getTime()} ${threshold}`;
    if (threshold === undefined || key === reported) return;
    reported = key;
    observer.certificateExpiring(notAfter, threshold);
  };
  check();
  await every(checkEveryMs, signal, () => Promise.resolve(check()));
}
