/** Sends bodies of any kind to the webhooks over TLS, and reviews of any object. The demo's client sends the pods of the demo. */
import { randomUUID } from 'node:crypto';
import { type Agent, request } from 'node:https';
import { type Json, review } from '../fakes/pods.ts';
import type { Operation, Webhook } from './admission-client.ts';
import { responseOf, type WholeResponse } from './response-of.ts';

export interface Reply extends WholeResponse {
  /** Milliseconds until the last byte. */
  readonly ms: number;
}

export interface Admitted {
  readonly allowed: boolean;
  /** Message of a denial, else ''. */
  readonly message: string;
  readonly warnings: readonly string[];
  readonly patch: readonly Operation[];
  readonly ms: number;
}

export interface SendOptions {
  /** A connection of its own when absent. */
  readonly agent?: Agent;
  readonly method?: string;
}

export type Path = '/mutate' | '/validate';

export async function send(
  { port, ca }: Webhook,
  path: string,
  body: string | Buffer,
  { agent, method = 'POST' }: SendOptions = {},
): Promise<Reply> {
  const started = performance.now();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const outgoing = request({ host: '127.0.0.1', port, path, method, ca, agent: agent ?? false, headers });
  outgoing.end(body);
  const response = await responseOf(outgoing);
  return { ...response, ms: performance.now() - started };
}

type ReviewOptions = NonNullable<Parameters<typeof review>[1]>;

/** A review of `object` with a uid of its own. */
export function reviewOf(object: Json, options: ReviewOptions = {}): string {
  return JSON.stringify(review(object, { uid: randomUUID(), ...options }));
}

/** The answer to a review of `object`; throws for any other. */
export async function admit(
  webhook: Webhook,
  path: Path,
  object: Json,
  options: ReviewOptions & SendOptions = {},
): Promise<Admitted> {
  const reply = await send(webhook, `${path}?timeout=3s`, reviewOf(object, options), options);
  if (reply.status !== 200) throw new Error(`POST ${path}: ${reply.status} ${reply.body}`);
  return admitted(reply);
}

/** The AdmissionReview in `reply`. */
export function admitted({ body, ms }: Reply): Admitted {
  const { response } = JSON.parse(body) as {
    response: { allowed: boolean; status?: { message?: string }; warnings?: string[]; patch?: string };
  };
  return {
    allowed: response.allowed,
    message: response.status?.message ?? '',
    warnings: response.warnings ?? [],
    patch: response.patch
      ? (JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[])
      : [],
    ms,
  };
}
