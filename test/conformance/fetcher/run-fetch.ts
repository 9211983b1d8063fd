/** One case of the fetcher run against the real code over real sockets: what it asked, what it got, and what it said. */
import { parseReference } from '../../../src/resolve/reference/parse.ts';
import { anonymous } from '../../../src/resolve/credentials/credential.ts';
import { type Endpoint, plainTls } from '../../../src/resolve/endpoints/endpoint.ts';
import { type Rewrite, rewriteRepository } from '../../../src/resolve/endpoints/containerd/rewrite.ts';
import type { Content } from '../../../src/resolve/fetch/content.ts';
import { ContentSource } from '../../../src/resolve/fetch/content-source.ts';
import { FetchError } from '../../../src/resolve/fetch/fetch-error.ts';
import { Fetcher } from '../../../src/resolve/fetch/fetcher.ts';
import { SourceSlots } from '../../../src/resolve/fetch/source-slots.ts';
import { RuntimeReactions } from '../../../src/resolve/inspection/endpoint/runtime-reactions.ts';
import { AttemptLog } from '../../../src/resolve/inspection/endpoint/attempt-log.ts';
import { EndpointClient } from '../../../src/resolve/inspection/endpoint/endpoint-query.ts';
import { createEndpointHealth } from '../../../src/resolve/inspection/health/endpoint-health.ts';
import type { Attempt } from '../../../src/resolve/inspection/inspection.ts';
import { silent } from '../../../src/resolve/inspection/observer.ts';
import { parseDigest } from '../../../src/resolve/reference/digest.ts';
import { createRegistry, defaultRegistryOptions } from '../../../src/resolve/registry/client.ts';
import type { Warning } from '../../../src/resolve/warning.ts';
import { deadlineIn } from '../../../src/util/async/deadline.ts';
import type { Recorded } from '../../kit/fakes/scripted-registry.ts';
import type { HostId, Scenario, Servers } from './scenario.ts';

export interface FetchInput {
  readonly op: 'fetch' | 'byDigest';
  readonly descriptor?: {
    readonly mediaType: string;
    readonly size: number;
    readonly urls?: readonly string[];
  };
  readonly mediaType?: string;
  readonly seek?: number;
}

/** What a run came to, with the hosts under the names that the cases give them. */
export interface Observed {
  readonly result: string;
  readonly reason: string | null;
  readonly status: number | null;
  readonly message: string;
  readonly bytes: Buffer;
  /** `A`, `B`, or `http://U`. */
  readonly source: string | null;
  readonly attempts: readonly Attempt[];
  readonly warnings: readonly Warning[];
  readonly requests: Readonly<Record<HostId, readonly Recorded[]>>;
}

const alice = { username: 'alice', password: 's3cret' };
const ownHeader = { 'x-own': ['yes'] };

export async function runFetch(
  input: FetchInput,
  scenario: Scenario,
  started: Servers,
  digest: string,
  rewrites: readonly Rewrite[] = [],
): Promise<Observed> {
  const { servers } = started;
  const image = scenario.image ?? `${servers.B.host}/app/x`;
  const reference = parseReference(image);
  const endpoint = (id: 'A' | 'B'): Endpoint => {
    const script = scenario.hosts.get(id);
    const origin = script?.isRefusing ? 'http://127.0.0.1:1' : servers[id].origin;
    const capability = script?.capability ?? 'pull';
    const rewritten = rewriteRepository(rewrites, reference.path);
    if (rewritten.kind !== 'rewritten') throw new Error(rewritten.kind);
    return {
      url: `${origin}/v2`,
      role: id === 'A' ? 'mirror' : 'upstream',
      capabilities: [capability],
      namespace: id === 'A' ? reference.domain : null,
      repository: rewritten.repository,
      tls: plainTls,
      plainFallback: [],
      headers: script?.hasOwnHeader ? ownHeader : {},
      dialTimeoutMs: null,
      credential: null,
      nodeLocal: true,
      source: { file: 'hosts.toml', line: 1 },
      skip: capability === 'pull' ? null : { reason: 'Capability', message: 'not asked: it cannot pull' },
    };
  };
  const ids = (['A', 'B'] as const).filter((id) => scenario.hosts.has(id));
  const endpoints = scenario.isEmpty ? [] : ids.map(endpoint);
  let now = 0;
  const health = createEndpointHealth({ observer: silent, clock: () => now });
  const registry = createRegistry(defaultRegistryOptions);
  const log = new AttemptLog();
  const deadline = deadlineIn(60_000);
  const credentials = scenario.credentials
    ? { ...anonymous, id: 'alice', candidates: () => Promise.resolve([alice]) }
    : anonymous;
  const client = new EndpointClient(
    {
      registry,
      health,
      endpointTimeoutMs: 5_000,
      resolutionTimeoutMs: 15_000,
      nodeIdentity: [],
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    {
      reference,
      credentials,
      purpose: 'interactive',
      callerDeadline: deadline,
      workDeadline: deadline,
      log,
      reactions: new RuntimeReactions([]),
      onSilence() {},
    },
    { pullSecretScope: 'every-endpoint', scopeRule: 'challenge' },
  );
  const warnings: Warning[] = [];
  const source = new ContentSource({
    registry,
    client,
    endpoints,
    namedBy: () => endpoint('B'),
    slots: new SourceSlots(),
    deadline,
    warn: (warning) => warnings.push(warning),
  });
  const fetcher = new Fetcher({ source, signal: deadline.signal });
  const seen = (): Observed['requests'] => ({
    A: servers.A.requests,
    B: servers.B.requests,
    U: servers.U.requests,
    T: servers.T.requests,
  });
  const chunks: Buffer[] = [];
  try {
    const stream = openedBy(fetcher, input, parseDigest(digest), started);
    for (;;) {
      const next = await stream.next();
      if (!next.done) {
        chunks.push(Buffer.from(next.value));
        continue;
      }
      return {
        result: 'available',
        reason: null,
        status: null,
        message: '',
        bytes: Buffer.concat(chunks),
        source: next.value.source && started.named(next.value.source.replace(/^http:\/\/(.*)\/v2$/, '$1')),
        attempts: log.list(),
        warnings,
        requests: seen(),
      };
    }
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    const { code, reason, status, message } = error;
    return {
      result: code,
      reason,
      status,
      message: started.named(message),
      bytes: Buffer.concat(chunks),
      source: null,
      attempts: log.list(),
      warnings,
      requests: seen(),
    };
  } finally {
    await registry.close();
  }
}

function openedBy(fetcher: Fetcher, input: FetchInput, digest: Content['digest'], { servers }: Servers) {
  const { descriptor } = input;
  if (input.op === 'byDigest' || !descriptor) return fetcher.streamByDigest(digest, input.mediaType ?? '');
  const urls = (descriptor.urls ?? []).map((url) =>
    url.replace(/^(https?):\/\/U(?=[/?]|$)/, servers.U.origin),
  );
  const size = descriptor.size < 0 ? null : descriptor.size;
  return fetcher.stream({ digest, mediaType: descriptor.mediaType, size, urls }, input.seek ?? 0);
}
