/** What a case wants of a fetch, member by member. A member that no check knows fails the case. */
import type { Observed } from './run-fetch.ts';
import type { Scenario } from './scenario.ts';

/** null: as wanted; else what it was instead. */
type Check = (observed: Observed, want: unknown, scenario: Scenario) => unknown;

const results = ['available', 'not-found', 'denied', 'unavailable', 'rate-limited', 'tls', 'malformed'];

const content = ({ requests }: Observed) => [...requests.A, ...requests.B, ...requests.U];

const same = (got: unknown, want: unknown): unknown => (got === want ? null : { got, want });

const checks: Readonly<Record<string, Check>> = {
  // A result that is not of the closed list is prose: what is checked then is what the case gives.
  result: (observed, want) => (results.includes(String(want)) ? same(observed.result, want) : null),
  reason: (observed, want) => same(observed.reason, want),
  status: (observed, want) => same(observed.status, want),
  messageHas: ({ message }, want) => (message.includes(String(want)) ? null : { message }),
  words: ({ message }) => (message.includes('said the server') ? null : { message }),
  asked: ({ requests }, want) =>
    same(['A', 'B', 'U'].filter((id) => requests[id as 'A'].length > 0).join(), (want as string[]).join()),
  skipped: ({ attempts }, want) => {
    const skipped = attempts.filter(({ result }) => result === 'skipped').map(({ reason }) => reason);
    return same(skipped.join(), Object.values(want as object).join());
  },
  endpoint: ({ source }, want) => same(source, want),
  requests: (observed, want) => same(content(observed).length, want),
  requestsAtMost: (observed, want) =>
    content(observed).length <= Number(want) ? null : content(observed).length,
  path: (observed, want) => {
    const urls = content(observed).map(({ url }) => url);
    const wanted = String(want);
    const found = urls.some((url) => (wanted.startsWith('/') ? url === wanted : url.includes(`/${wanted}/`)));
    return found ? null : urls;
  },
  quirk: ({ warnings }) => (warnings.length > 0 ? null : 'no warning'),
  authorizationAtTarget: ({ requests }, want) =>
    same(
      requests.U.some(({ headers }) => headers.authorization !== undefined),
      want,
    ),
  note: (observed, want) => noted(observed, String(want)),
};

/** What a note says that can be seen. */
function noted(observed: Observed, note: string): unknown {
  const { requests, message, result } = observed;
  const lines = content(observed).map(({ method, headers }) => `${method} ${headers.range ?? 'whole'}`);
  if (note.includes('without Range')) {
    return lines.length > 1 && lines.every((line) => line.endsWith('whole')) && result === 'available'
      ? null
      : lines;
  }
  if (note === 'GET instead of HEAD') return requests.B.some(({ method }) => method === 'GET') ? null : lines;
  if (note === 'the message names the range') return message.includes('bytes ') ? null : message;
  return `no check for the note "${note}"`;
}

/** Disagreements with what the case wants, by member; null when there are none. */
export function disagreements(want: object, observed: Observed, scenario: Scenario): object | null {
  const found = Object.entries(want).flatMap(([member, value]) => {
    const check = checks[member];
    const got = check ? check(observed, value, scenario) : 'no check for it';
    return got === null ? [] : [[member, got] as const];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}
