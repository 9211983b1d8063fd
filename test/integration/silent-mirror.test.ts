/** Mirrors that are silent, slow, or die in the middle: every admission is answered in time, and the nodes' next endpoint counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EmbeddedRegistry } from '../kit/registries/embedded-registry.ts';
import { type Image, multiArch } from '../kit/registries/images.ts';
import { pod } from '../kit/fakes/pods.ts';
import { type Answer, scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { type Admitted, admit } from '../kit/pratique/admission.ts';
import { type Hosts, nodeFiles, type Sections } from './support/node-files.ts';
import { type Server, startServer } from '../kit/pratique/server.ts';
import { silentServer } from '../kit/registries/silent.ts';
import { plainStand } from '../kit/registries/registry-fixtures.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

/** The webhook's own deadline; the API server waits half a second longer. */
const deadlineMs = 2_500;
const apiServerMs = 3_000;
/** What a silent endpoint may cost (`registry.endpointTimeout`): a quicker answer did not wait for it. */
const budgetMs = 1_000;

const images = Array.from({ length: 40 }, (_, n) => multiArch(['linux/amd64'], { salt: String(n) }));
const repositoryOf = (n: number) => `team/app-${n}`;

let upstream = '';
beforeAll(async () => {
  const registry = new EmbeddedRegistry();
  for (const [n, image] of images.entries()) registry.add(repositoryOf(n), '1', image);
  upstream = await registry.start();
  cleanup.defer(() => registry.stop());
});

async function serverFor(hosts: Hosts, sections: Sections = {}): Promise<Server> {
  const node = cleanup.use(await nodeFiles({ 'registry.test': hosts }, sections));
  return cleanup.use(await startServer(node.configuration));
}

/** A pod with the `n`th image, to be pinned. */
function mutate(server: Server, n: number): Promise<Admitted> {
  return admit(
    server,
    '/mutate',
    pod(`pod-${n}`)
      .container(`registry.test/${repositoryOf(n)}:1`)
      .build(),
  );
}

function validate(server: Server, n: number): Promise<Admitted> {
  return admit(
    server,
    '/validate',
    pod(`pod-${n}`)
      .container(`registry.test/${repositoryOf(n)}:1`)
      .build(),
  );
}

function pinOf({ patch }: Admitted): unknown {
  return patch.find(({ path }) => path === '/spec/containers/0/image')?.value;
}

/** What ten pods with other images usually wait: on a busy machine one of them may be late by itself. */
async function usualMs(server: Server, from: number): Promise<number> {
  const waits: number[] = [];
  for (let n = from; n < from + 10; n++) {
    const next = await mutate(server, n);
    expect(pinOf(next)).toBe(expectedPin(n));
    waits.push(next.ms);
  }
  return median(waits);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const expectedPin = (n: number) => `registry.test/${repositoryOf(n)}:1@${images[n]?.root.digest}`;

describe.each([
  ['accepts and never answers', 'http'],
  ['never gets on with its TLS handshake', 'https'],
])('a first mirror that %s', (_, scheme) => {
  test('costs the first pod its budget, and the others nothing', async () => {
    const mirror = cleanup.use(await silentServer());
    const server = await serverFor({ server: upstream, mirrors: [`${scheme}://${mirror.host}`] });
    const first = await mutate(server, 0);
    expect(pinOf(first)).toBe(expectedPin(0));
    expect(first.ms).toBeGreaterThan(0.9 * budgetMs);
    expect(first.ms).toBeLessThan(deadlineMs);
    expect(await usualMs(server, 1)).toBeLessThan(budgetMs / 2);
    // Who tries it again does so behind the pods' backs.
    expect(mirror.connections).toBeLessThan(4);
    expect(
      await server.metric(
        `pratique_endpoint_breaker_open{endpoint="${scheme}://${mirror.host}/v2",registry=""}`,
      ),
    ).toBe(1);
  });
});

test('several silent mirrors: the first pod still reaches the upstream in time', async () => {
  const mirrors = [cleanup.use(await silentServer()), cleanup.use(await silentServer())];
  const server = await serverFor({ server: upstream, mirrors: mirrors.map(({ host }) => `http://${host}`) });
  const first = await mutate(server, 0);
  expect(pinOf(first)).toBe(expectedPin(0));
  expect(first.ms).toBeLessThan(deadlineMs);
  expect(await usualMs(server, 1)).toBeLessThan(budgetMs / 2);
});

describe('no endpoint answers', () => {
  let server: Server;
  beforeAll(async () => {
    const [mirror, silent] = [cleanup.use(await silentServer()), cleanup.use(await silentServer())];
    const hosts = { server: `http://${silent.host}`, mirrors: [`http://${mirror.host}`] };
    const rules = [{ images: [`registry.test/${repositoryOf(2)}`], onUnavailable: 'deny' }];
    server = await serverFor(hosts, { policy: { rules } });
  });

  test('every pod is answered before the API server gives up: allowed as it is, with a warning', async () => {
    const [pinned, judged] = await Promise.all([mutate(server, 0), validate(server, 1)]);
    expect([pinned.allowed, pinOf(pinned)]).toEqual([true, undefined]);
    expect(judged).toMatchObject({ allowed: true, warnings: [expect.stringContaining('unavailable')] });
    for (const { ms } of [pinned, judged]) expect(ms).toBeLessThan(apiServerMs);
  });

  test('where the policy says so, it is denied, and the message names who did not answer', async () => {
    const denied = await validate(server, 2);
    expect(denied.ms).toBeLessThan(apiServerMs);
    expect(denied.allowed).toBe(false);
    expect(denied.message).toContain('container "c0"');
    expect(denied.message).toContain('could not be checked');
  });
});

test('a registry slower than the deadline: pods are let through until the answer has come', async () => {
  const slow = cleanup.use(
    await scriptedRegistry(() => ({ ...serving(images[0]), delayMs: deadlineMs + 1_000 })),
  );
  const server = await serverFor({ server: slow.origin });
  const first = await mutate(server, 0);
  expect([first.allowed, pinOf(first)]).toEqual([true, undefined]);
  let pin = pinOf(await mutate(server, 0));
  for (let tries = 0; pin === undefined && tries < 20; tries++) {
    await sleep(500);
    pin = pinOf(await mutate(server, 0));
  }
  expect(pin).toBe(expectedPin(0));
  // HEAD of the tag and GET of the digest, however many pods waited.
  expect(slow.requests).toHaveLength(2);
});

test('a mirror that resets connections: the upstream, at once', async () => {
  const mirror = cleanup.use(
    await scriptedRegistry(() => ({ ...serving(images[0]), fault: 'reset' as const })),
  );
  const server = await serverFor({ server: upstream, mirrors: [mirror.origin] });
  const answer = await mutate(server, 0);
  expect(pinOf(answer)).toBe(expectedPin(0));
  expect(answer.ms).toBeLessThan(0.9 * budgetMs);
});

const cut: readonly [string, () => Promise<string>][] = [
  [
    'cuts the manifest',
    async () => {
      const answer = () => ({ ...serving(images[0]), fault: 'cut' as const });
      return cleanup.use(await scriptedRegistry(answer)).origin;
    },
  ],
  [
    'answers without a Content-Type and stops',
    async () => {
      const beginning = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"schemaVersion';
      return `http://${cleanup.use(await silentServer(beginning)).host}`;
    },
  ],
];

test.each(cut)('a mirror that %s makes nodes give up: no pin, and a warning', async (_, start) => {
  const server = await serverFor({ server: upstream, mirrors: [await start()] });
  const answer = await mutate(server, 0);
  expect([answer.allowed, pinOf(answer)]).toEqual([true, undefined]);
  const judged = await validate(server, 0);
  expect(judged).toMatchObject({ allowed: true, warnings: [expect.stringContaining('NodesRefuse')] });
});

test('a mirror that is killed under a burst of pods: all of them are pinned', async () => {
  const mirror = await plainStand();
  cleanup.use(mirror);
  for (const [n, image] of images.entries()) await mirror.put(repositoryOf(n), '1', image);
  const server = await serverFor({ server: upstream, mirrors: [mirror.registry.url] });
  const answers = images.map((_, n) => mutate(server, n));
  await Promise.race(answers);
  await mirror[Symbol.asyncDispose]();
  for (const [n, answer] of (await Promise.all(answers)).entries()) {
    expect(pinOf(answer)).toBe(expectedPin(n));
    expect(answer.ms).toBeLessThan(apiServerMs);
  }
});

test('a mirror that comes back is asked again', async () => {
  const mirror = cleanup.use(await scriptedRegistry(() => ({ fault: 'silence' })));
  const server = await serverFor({ server: upstream, mirrors: [mirror.origin] }, { cache: { tagTTL: '0s' } });
  await mutate(server, 0);
  await server.event('breaker-opened');
  mirror.handle(() => serving(images[0]));
  // The work of pods finds out, and none of them waits for it.
  const isOpen = () => !server.log.some(({ event }) => event === 'breaker-closed');
  const waits: number[] = [];
  while (isOpen()) {
    waits.push((await mutate(server, 0)).ms);
    await sleep(50);
  }
  expect(median(waits)).toBeLessThan(budgetMs / 2);
  const before = mirror.requests.length;
  expect(pinOf(await mutate(server, 0))).toBe(expectedPin(0));
  expect(mirror.requests.length).toBe(before + 1);
});

test('a registry that goes down: what was seen before is allowed, but no ground for a new pin', async () => {
  const registry = cleanup.use(await scriptedRegistry(() => serving(images[0])));
  const server = await serverFor({ server: registry.origin }, { cache: { tagTTL: '0s' } });
  expect(pinOf(await mutate(server, 0))).toBe(expectedPin(0));
  registry.handle(() => ({ status: 503 }));
  const during = await mutate(server, 0);
  expect([during.allowed, pinOf(during)]).toEqual([true, undefined]);
  const [, seen = ''] =
    /cached digest from (\S+) is too old for a new pin/.exec(during.warnings.join()) ?? [];
  expect(Math.abs(Date.parse(seen) - Date.now())).toBeLessThan(60_000);
  expect(await validate(server, 0)).toMatchObject({ allowed: true, message: '' });
});

/** The answer of a registry that has `image` under every tag. */
function serving(image: Image | undefined): Answer {
  if (!image) throw new Error('no image');
  const { mediaType, digest, body } = image.root;
  return { headers: { 'content-type': mediaType, 'docker-content-digest': digest }, body };
}
