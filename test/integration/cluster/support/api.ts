/** Plain requests to the API server over kept connections, for tests that make hundreds. People's commands go through kubectl. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { ControlPlane } from '../../../kit/cluster/control-plane/control-plane.ts';

export interface ApiAnswer<T = Status> {
  readonly status: number;
  readonly body: T;
  /** Warnings that `kubectl` prints after `Warning:`. */
  readonly warnings: readonly string[];
  readonly ms: number;
}

/** What the API server says when it refuses. */
export interface Status {
  readonly message?: string;
  readonly reason?: string;
}

export interface Api extends Disposable {
  send<T = Status>(
    method: string,
    path: string,
    body?: unknown,
    options?: SendOptions,
  ): Promise<ApiAnswer<T>>;
  /** The body of a GET as it came: a log is not JSON. */
  text(path: string): Promise<string>;
}

export interface SendOptions {
  /** `application/json` when absent. */
  readonly contentType?: string;
  /** The administrator's when absent. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

export function apiOf({ server, ca, adminToken }: ControlPlane): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca });
  const exchange = (
    method: string,
    path: string,
    bytes: Buffer | null,
    { contentType = 'application/json', token = adminToken, signal }: SendOptions,
  ): Promise<{ readonly response: IncomingMessage; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        {
          method,
          agent,
          ...(signal && { signal }),
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(bytes && { 'content-type': contentType, 'content-length': bytes.length }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve({ response, text: Buffer.concat(chunks).toString() }));
        },
      );
      sent.on('error', reject);
      sent.end(bytes ?? undefined);
    });
  return {
    async send(method, path, body, options = {}) {
      const started = performance.now();
      const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
      const { response, text } = await exchange(method, path, bytes, options);
      const warnings = [response.headers['warning'] ?? []].flat().flatMap(parseWarnings);
      return {
        status: response.statusCode ?? 0,
        body: JSON.parse(text || '{}'),
        warnings,
        ms: performance.now() - started,
      };
    },
    text: async (path) => (await exchange('GET', path, null, {})).text,
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** `299 - "text"`, several with commas between them. Node reads headers as if they were Latin-1. */
function parseWarnings(latin1: string): string[] {
  const header = Buffer.from(latin1, 'latin1').toString();
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/\\(.)/g, '$1'),
  );
}
