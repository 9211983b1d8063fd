import { expect, test } from '@jest/globals';
import { watchExpiry } from '../../../../src/serve/certificates/expiry.ts';

const day = 86_400_000;

test('reports the expiry once at 7 days, at 1 day and when the certificate has expired, and again for a new one', async () => {
  const stop = new AbortController();
  let notAfter = new Date(30 * day);
  const days = [0, 22.9, 23, 24, 28.9, 29, 29.5, 30, 31, 31];
  const reported: [number, number][] = [];
  const now = () => {
    const today = days.shift() ?? 31;
    if (days.length === 1) notAfter = new Date(37 * day);
    if (days.length === 0) stop.abort();
    return today * day;
  };
  const observer = {
    certificateExpiring: (end: Date, daysLeft: number) => void reported.push([end.getTime() / day, daysLeft]),
  };
  const certificates = { current: () => ({ cert: '', key: '', notAfter }) };
  await watchExpiry(certificates, observer, stop.signal, { now, checkEveryMs: 1 });
  expect(reported).toEqual([
    [30, 7],
    [30, 1],
    [30, 0],
    [37, 7],
  ]);
});
