/** Outages of what is behind: silent endpoints, and mirrors that pass on the failures of one image's registry. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Fault } from '../../kit/fakes/scripted-registry.ts';
import { admit } from '../../kit/pratique/admission.ts';
import { mediaTypes } from '../../kit/registries/images.ts';
import type { Attack, AttackResult } from '../attack.ts';
import { podOf, quantile, sendHonestLoad } from '../honest-load.ts';
import { serveManifest, startHonestRegistry, startRegistry } from '../registries.ts';
import { resultOf } from '../result.ts';
import { startTarget } from '../target.ts';

const index = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        mediaType: mediaTypes.manifest,
        digest: `sha256:${'a'.repeat(64)}`,
        size: 1,
        platform: { os: 'linux', architecture: 'amd64' },
      },
    ],
  }),
);

interface Outage {
  readonly images: number;
  readonly isWarm: boolean;
  readonly fault: Fault;
  readonly seconds: number;
}

/** 50 admissions a second while the only endpoint fails; from the second second on nobody waits. */
function outage({ images, isWarm, fault, seconds }: Outage): () => Promise<AttackResult> {
  return async () => {
    await using registry = await startRegistry(serveManifest(index));
    await using target = await startTarget({
      configuration: { cache: { tagTTL: '1s', failureTTL: '1s' }, policy: { mode: 'enforce' } },
    });
    const image = (each: number): string => `${registry.host}/team/app:${each % images}`;
    if (isWarm) {
      for (let each = 0; each < images; each += 50) {
        const some = Array.from({ length: Math.min(50, images - each) }, (_, more) => image(each + more));
        await admit(target, '/validate', podOf(...some));
      }
      await sleep(1_100);
    }
    const healthy = serveManifest(index);
    registry.handle((request): Answer => ({ ...healthy(request), fault }));
    const honest = await sendHonestLoad(target, {
      ratePerSecond: 50,
      count: 50 * seconds,
      object: (each) => podOf(image(each)),
      // Unknown is never no: `onUnavailable` admits with a warning.
      isRight: ({ allowed }) => allowed,
      lateMs: 1_000,
      settleMs: 2_000,
    });
    const p99 = Math.round(quantile(honest.latenciesMs, 0.99));
    return resultOf(target, honest, p99 > maxP99Ms ? [`p99 ${p99} ms from the second second on`] : []);
  };
}

const maxP99Ms = 50;

export const outages: readonly Attack[] = [
  {
    id: 'A4',
    thrown: 'the only endpoint falls silent, 50 images known, 10 s',
    isLong: false,
    run: outage({ images: 50, isWarm: true, fault: 'silence', seconds: 10 }),
  },
  {
    id: 'A4-one',
    thrown: 'the same, one image, 45 s',
    isLong: true,
    run: outage({ images: 1, isWarm: true, fault: 'silence', seconds: 45 }),
  },
  {
    id: 'A4-cold',
    thrown: 'the same, 50 images never seen, 45 s',
    isLong: true,
    run: outage({ images: 50, isWarm: false, fault: 'silence', seconds: 45 }),
  },
  {
    id: 'A4-1000',
    thrown: 'the same, 1,000 images known, 45 s',
    isLong: true,
    run: outage({ images: 1_000, isWarm: true, fault: 'silence', seconds: 45 }),
  },
  {
    id: 'A4-reset',
    thrown: 'the only endpoint resets every connection, 50 images, 45 s',
    isLong: true,
    run: outage({ images: 50, isWarm: true, fault: 'reset', seconds: 45 }),
  },
];

export const passedOnFailures: Attack = {
  id: 'A7',
  thrown: "a pull-through mirror passes on 429 of one image's registry",
  isLong: false,
  async run(): Promise<AttackResult> {
    await using upstream = await startHonestRegistry();
    const healthy = serveManifest(index);
    await using mirror = await startRegistry((request) =>
      request.url.includes('/limited/')
        ? { status: 429, headers: { 'retry-after': '300' }, body: { errors: [{ code: 'TOOMANYREQUESTS' }] } }
        : healthy(request),
    );
    const hostsToml = `server = "http://${upstream.host}"\n[host."${mirror.origin}"]\n  capabilities = ["pull", "resolve"]\n`;
    await using target = await startTarget({
      configuration: { mirrors: { containerd: { configPath: 'certs.d' } }, cache: { tagTTL: '1s' } },
      files: { 'certs.d/_default/hosts.toml': hostsToml },
    });
    await admit(target, '/validate', podOf('registry.test/limited/app:1')).catch(() => null);
    const before = mirror.requests.length;
    const honest = await sendHonestLoad(target, {
      ratePerSecond: 20,
      count: 40,
      object: (each) => podOf(`other.test/team/app${each}:1`),
      isRight: ({ allowed }) => allowed,
      lateMs: 2_600,
    });
    const asked = mirror.requests.length - before;
    return resultOf(
      target,
      honest,
      asked < 40 ? [`the mirror was asked ${asked} times for 40 other images`] : [],
    );
  },
};
