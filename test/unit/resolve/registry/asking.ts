/** Builders for the registry client's tests: servers and clients that are closed after each test, an endpoint, an ask, the manifest that servers serve. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { type Endpoint, plainTls } from '../../../../src/resolve/endpoints/endpoint.ts';
import type { Credential } from '../../../../src/resolve/credentials/credential.ts';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import {
  createRegistry,
  defaultRegistryOptions,
  type RegistryOptions,
} from '../../../../src/resolve/registry/client.ts';
import { RegistryError } from '../../../../src/resolve/registry/error.ts';
import type { AttemptContext, Registry } from '../../../../src/resolve/registry/registry.ts';
import {
  type Handler,
  type Recorded,
  type ScriptedRegistry,
  type ScriptedRegistryOptions,
  scriptedRegistry,
} from '../../../kit/fakes/scripted-registry.ts';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const manifestBody = JSON.stringify({ schemaVersion: 2, mediaType: manifestType });
export const manifestDigest = digestOf('sha256', Buffer.from(manifestBody));
/** What a good registry answers for the manifest. */
export const served = {
  headers: { 'content-type': manifestType, 'docker-content-digest': manifestDigest },
  body: manifestBody,
};

export function endpoint(origin: string, more: Partial<Endpoint> = {}): Endpoint {
  return {
    url: `${origin}/v2`,
    role: 'upstream',
    capabilities: ['pull', 'resolve'],
    namespace: null,
    repository: 'library/nginx',
    tls: plainTls,
    plainFallback: [],
    headers: {},
    dialTimeoutMs: null,
    credential: null,
    nodeLocal: false,
    source: null,
    skip: null,
    ...more,
  };
}

export function trusting(caPem: string): Pick<Endpoint, 'tls'> {
  return { tls: { ...plainTls, caPem: [caPem] } };
}

export function ask(
  more: Partial<AttemptContext> & { readonly with?: readonly Credential[] } = {},
): AttemptContext {
  const { with: credentials = [], ...rest } = more;
  return {
    signal: AbortSignal.timeout(5000),
    tally: { requests: 0, tokenRequests: 0, status: null, isPlainHttp: false, credentialSources: new Set() },
    credentials: () => Promise.resolve(credentials),
    credentialsId: '',
    scopeRule: 'challenge',
    ...rest,
  };
}

export const alice: Credential = { username: 'alice', password: 's3cret' };
export const bob: Credential = { username: 'bob', password: 'b0bs' };

/** The failure of `work`; a success fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<RegistryError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error('it should have failed');
}

export const latest = { tag: 'latest' } as const;

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** Closes `resource` after the test. */
export function closing<T extends { close(): Promise<void> }>(resource: T): T {
  open.push(resource);
  return resource;
}

/** A TCP server on 127.0.0.1 that does with its connections what it is told; gives the port. */
export async function listening(connected: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    connected(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing({
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  return (server.address() as AddressInfo).port;
}

export async function serving(
  handler: Handler,
  options?: ScriptedRegistryOptions,
): Promise<ScriptedRegistry> {
  return closing(await scriptedRegistry(handler, options));
}

export function client(options: Partial<RegistryOptions> = {}): Registry {
  return closing(createRegistry({ ...defaultRegistryOptions, ...options }));
}

/** `GET /v2/… Basic …`: what the server saw, short enough for a table. */
export function lines(requests: readonly Recorded[]): string[] {
  return requests.map(({ method, url, headers }) => `${method} ${url} ${headers.authorization ?? '-'}`);
}
