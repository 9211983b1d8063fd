/** What Pratique asked of the API server, read from the API server's own audit log. */
import { readFile } from 'node:fs/promises';

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
}

/** Prints the requests by verb and resource from byte `from` on. */
export async function requestsIn(file: string | null, from: number, when: string): Promise<void> {
  if (file === null) throw new Error('there is no audit log');
  const lines = (await readFile(file)).subarray(from).toString().split('\n');
  const counts = new Map<string, number>();
  for (const line of lines.filter((each) => each.includes('"system:serviceaccount:pratique'))) {
    const { stage, verb, objectRef = {} } = JSON.parse(line) as AuditEvent;
    // A watch is told of when it begins and when it ends.
    if (verb === 'watch' ? stage !== 'ResponseStarted' : stage !== 'ResponseComplete') continue;
    const { resource = '', subresource } = objectRef;
    const key = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  console.log(`requests of the API server ${when}:`);
  for (const [key, count] of [...counts].sort(([, a], [, b]) => b - a))
    console.log(`  ${key.padEnd(40)}${count}`);
}
