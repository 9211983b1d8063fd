/** Many calls to the API server over kept connections: for filling a cluster, and nothing that Pratique itself does. */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';

export interface Caller {
  readonly call: (method: string, path: string, body?: unknown) => Promise<{ status: number; text: string }>;
  close(): void;
}

/** Calls under way. */
export const lanes = 32;

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: {
      server: string;
      'certificate-authority'?: string;
      'certificate-authority-data'?: string;
    };
  }[];
  readonly users: readonly { readonly user: { token?: string } }[];
}

/** Connects with the token of the first user of `kubeconfig`. */
export async function caller(kubeconfig: string): Promise<Caller> {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const cluster = clusters[0]?.cluster;
  if (!cluster) throw new Error(`${kubeconfig} names no cluster`);
  const data = cluster['certificate-authority-data'];
  const ca = data ? Buffer.from(data, 'base64') : await readFile(cluster['certificate-authority'] ?? '');
  const agent = new Agent({ keepAlive: true, maxSockets: lanes, ca });
  const headers = { authorization: `Bearer ${users[0]?.user.token ?? ''}`, accept: 'application/json' };
  return {
    close: () => agent.destroy(),
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? '' : JSON.stringify(body);
        const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
        const sized = { 'content-type': type, 'content-length': Buffer.byteLength(text) };
        const sent = request(
          `${cluster.server}${path}`,
          { method, agent, headers: { ...headers, ...sized } },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
              resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
            );
          },
        );
        sent.on('error', reject);
        sent.end(text);
      }),
  };
}

/** `one(i)` for all `i` below `count`, many at a time; what the server puts off is tried again. */
export async function all(
  count: number,
  one: (index: number) => Promise<{ status: number; text: string }>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      let answer = await one(index);
      for (let tries = 0; answer.status === 429 && tries < 100; tries++) {
        await sleep(100);
        answer = await one(index);
      }
      if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text.slice(0, 500)}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
