/** What one program did with one case, as far as it is compared. */
import type { Case } from './case.ts';
import type { Entry, Recording } from './harness.ts';

export interface Outcome {
  /** Digest of the manifest that the image resolves to; null if it could not be resolved. */
  readonly digest: string | null;
  /** It was still busy with the faulty endpoint when its time was up. */
  readonly hung: boolean;
  /** Its last words, for the report. */
  readonly words: string;
}

export interface Observation extends Outcome {
  /**
   * Servers that were pinged or asked for the image by the name that the reference gives it (its tag or its digest), in
   * order, without immediate repetitions. `mirror 1 →` is one that led elsewhere and was followed.
   */
  readonly hosts: readonly string[];
  /** Server → path and `ns=` of the request for the image's manifest. */
  readonly where: ReadonlyMap<string, string>;
}

export function observe(each: Case, outcome: Outcome, { entries }: Recording): Observation {
  const asked = relevant(each, entries);
  const where = asked.flatMap(({ server, question }) =>
    question.kind === 'manifest' && server !== 'elsewhere' ? [[server, question.where] as const] : [],
  );
  return { ...outcome, hosts: collapse(asked.map(({ server }) => server)), where: new Map(where) };
}

/** Pings, requests for the image by its name, and where these were led. What a pull fetches next is not compared. */
function relevant(each: Case, entries: readonly Entry[]): readonly Entry[] {
  const name = each.by === 'tag' ? each.tag : each.endpoints.at(-1)?.image.root.digest;
  let counts = false;
  return entries.filter(({ server, question: { kind, key } }) => {
    if (server !== 'elsewhere') counts = kind === 'ping' || (kind === 'manifest' && key === name);
    return counts;
  });
}

function collapse(servers: readonly string[]): readonly string[] {
  const hosts: string[] = [];
  for (const server of servers) {
    const host = server === 'elsewhere' ? `${hosts.pop()?.replace(' →', '')} →` : server;
    if (hosts.at(-1) !== host) hosts.push(host);
  }
  return hosts;
}

/** Same digest, same sequence of hosts, and the same path wherever both asked. */
export function agree(a: Observation, b: Observation): boolean {
  return (
    a.digest === b.digest &&
    a.hosts.join() === b.hosts.join() &&
    [...a.where].every(([server, path]) => (b.where.get(server) ?? path) === path)
  );
}
