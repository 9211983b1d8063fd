/** A mirror and an upstream on real sockets, the real client, and an inspector over them; all closed after each test. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from '@jest/globals';
import { anonymous, type Credentials } from '../../../../src/resolve/credentials/credential.ts';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import { type Endpoint, type MirrorList, plainTls } from '../../../../src/resolve/endpoints/endpoint.ts';
import { allProfiles } from '../../../../src/resolve/endpoints/runtime/runtime-profile.ts';
import { InspectionCache } from '../../../../src/resolve/inspection/cache.ts';
import {
  createEndpointHealth,
  type EndpointHealth,
} from '../../../../src/resolve/inspection/health/endpoint-health.ts';
import type {
  Attempt,
  Inspection,
  InspectionResult,
  Inspector,
  InspectRequest,
} from '../../../../src/resolve/inspection/inspection.ts';
import { createInspector, type InspectorOptions } from '../../../../src/resolve/inspection/inspector.ts';
import { type InspectionObserver, silent } from '../../../../src/resolve/inspection/observer.ts';
import { formatAll } from '../../../../src/resolve/platform/format.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import type { Reference } from '../../../../src/resolve/reference/reference.ts';
import { createRegistry, defaultRegistryOptions } from '../../../../src/resolve/registry/client.ts';
import {
  type Handler,
  type ScriptedRegistry,
  scriptedRegistry,
} from '../../../kit/fakes/scripted-registry.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** Closes `resource` after the test. */
export function closing<T extends { close(): Promise<void> }>(resource: T): T {
  open.push(resource);
  return resource;
}

export async function serving(
  handler: Handler,
  options: Parameters<typeof scriptedRegistry>[1] = {},
): Promise<ScriptedRegistry> {
  return closing(await scriptedRegistry(handler, options));
}

/** An endpoint as a mirror configuration gives it. */
export function endpoint(origin: string, reference: Reference, more: Partial<Endpoint> = {}): Endpoint {
  return {
    url: `${origin}/v2`,
    role: 'mirror',
    capabilities: ['pull', 'resolve'],
    namespace: null,
    repository: reference.path,
    tls: plainTls,
    plainFallback: [],
    headers: {},
    dialTimeoutMs: null,
    credential: null,
    nodeLocal: false,
    source: { file: 'certs.d/_default/hosts.toml', line: 1 },
    skip: null,
    ...more,
  };
}

/** The same endpoints for every reference: mirrors first, the last one is the upstream. */
export function listOf(origins: readonly string[], more: readonly Partial<Endpoint>[] = []): MirrorList {
  return {
    id: origins.join(' '),
    profiles: allProfiles,
    endpoints: (reference) => ({
      endpoints: origins.map((origin, index) =>
        endpoint(origin, reference, {
          ...(index === origins.length - 1 ? { role: 'upstream', source: null } : {}),
          ...more[index],
        }),
      ),
      warnings: [],
    }),
  };
}

export interface Stage {
  readonly inspector: Inspector;
  /** Asks as admission does, within 10 s unless told otherwise: the machine may be busy. */
  readonly inspect: (image: string, more?: Partial<InspectRequest>) => Promise<Inspection>;
  readonly peek: (image: string, credentials?: Credentials) => Inspection | null;
  /** Moves the inspector's clock. */
  readonly advance: (ms: number) => void;
  readonly health: EndpointHealth;
  readonly options: InspectorOptions;
}

export interface StageOptions extends Partial<InspectorOptions> {
  readonly observer?: InspectionObserver;
  readonly slots?: number;
}

export function stage(mirrors: MirrorList, more: StageOptions = {}): Stage {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const started = performance.now();
  const clock = (): number => now + performance.now() - started;
  const observer = more.observer ?? silent;
  const health =
    more.health ?? createEndpointHealth({ observer, clock, ...(more.slots ? { slots: more.slots } : {}) });
  const registry =
    more.registry ??
    closing(
      createRegistry({
        ...defaultRegistryOptions,
        maxManifestBytes: 64 * 1024,
        onRateLimit: (endpoint, limit) => health.declared(endpoint, limit),
      }),
    );
  const options: InspectorOptions = {
    mirrors,
    registry,
    cache: new InspectionCache({ maxEntries: 100, observer }),
    observer,
    health,
    endpointTimeoutMs: 2_000,
    resolutionTimeoutMs: 15_000,
    limits: { loopback: 'contact', allowedHosts: ['**'] },
    nodeIdentity: [],
    configurationWarnings: [],
    maxConfigBytes: 64 * 1024,
    headFirst: ['docker.io'],
    tagTTL: 60_000,
    failureTTL: 5_000,
    maxStale: 86_400_000,
    clock,
    monotonicClock: clock,
    ...more,
  };
  const inspector = createInspector(options);
  return {
    inspector,
    health,
    options,
    inspect: (image, request = {}) =>
      inspector.inspect({
        reference: parseReference(image),
        credentials: anonymous,
        deadline: deadlineIn(10_000),
        purpose: 'admission',
        allEndpoints: false,
        ...request,
      }),
    peek: (image, credentials = anonymous) => inspector.peek(parseReference(image), credentials),
    advance(ms) {
      now += ms;
    },
  };
}

/** Mirror and upstream that answer by these scripts. */
export async function pair(
  mirror: Handler,
  upstream: Handler,
  more: StageOptions = {},
): Promise<Stage & { readonly mirror: ScriptedRegistry; readonly upstream: ScriptedRegistry }> {
  const servers = { mirror: await serving(mirror), upstream: await serving(upstream) };
  return { ...stage(listOf([servers.mirror.origin, servers.upstream.origin]), more), ...servers };
}

/** Notes what it is told, in order. */
export function notes(): InspectionObserver & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    attempted: (attempt: Attempt, registry) => told.push(`${attempt.role} of ${registry}: ${attempt.result}`),
    breaker: (_endpoint, open) => told.push(open ? 'open' : 'closed'),
    cache: (event) => told.push(event),
    inspected: (result: InspectionResult) => told.push(result),
  };
}

/** Waits until `condition` holds, fifteen seconds at most: the machine may be busy. */
export async function eventually(condition: () => boolean): Promise<void> {
  const end = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never came true');
    await sleep(10);
  }
}

/** `linux/arm64`… */
export function platformsOf({ platforms }: Inspection): readonly string[] {
  return platforms.map(formatAll);
}

/** `not-found, available`: results of the endpoints in order. */
export function results({ attempts }: Inspection): string {
  return attempts.map(({ result, reason }) => (reason === null ? result : `${result}/${reason}`)).join(', ');
}
