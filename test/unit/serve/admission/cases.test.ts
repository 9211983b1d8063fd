/** Cases that end at admission: a review in, real registries asked (or not), the answer out. */
import { describe, expect, test } from '@jest/globals';
import { Judge } from '../../../../src/judge/judge.ts';
import { configuredPlatforms } from '../../../../src/judge/nodes/placement/static-placement.ts';
import type { PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { standalone } from '../../../../src/judge/cluster-context.ts';
import type { ImageVerdict } from '../../../../src/judge/results.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import * as types from '../../../../src/resolve/manifest/media-types.ts';
import { formatAll } from '../../../../src/resolve/platform/format.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';
import { admission } from '../../../../src/serve/admission/handler.ts';
import type { Webhook } from '../../../../src/serve/admission/observer.ts';
import { type Json, pod, review } from '../../../kit/fakes/pods.ts';
import type { ScriptedRegistry } from '../../../kit/fakes/scripted-registry.ts';
import { allAt } from '../../judge/eligible-groups.ts';
import { policiesOf } from '../../judge/policies-of.ts';
import { type Content, content, holding, image, index } from '../../resolve/inspection/images.ts';
import { listOf, serving, stage } from '../../resolve/inspection/harness.ts';

interface Answer {
  readonly allowed: boolean;
  readonly patched: boolean;
  readonly verdicts: readonly ImageVerdict[];
  readonly message: string;
}

interface World {
  readonly registry: ScriptedRegistry;
  readonly ask: (webhook: Webhook, object: Json) => Promise<Answer>;
}

interface Setting {
  /** What every repository has as tag 1. */
  readonly root?: Content;
  /** Platforms of the nodes. */
  readonly nodes?: readonly string[];
  readonly policy?: Partial<PolicyConfig>;
}

async function world({ root = image('amd64'), nodes = [], policy = {} }: Setting = {}): Promise<World> {
  const registry = await serving(holding({ tags: { '1': root } }));
  const { inspector } = stage(listOf([registry.origin]));
  const platforms = configuredPlatforms(nodes.map((node) => parsePlatform(node)));
  const verdicts: ImageVerdict[] = [];
  const handle = admission({
    judge: new Judge(policiesOf(policy)),
    contextProvider: () => standalone(anonymous, allAt(inspector, platforms)),
    deadlineMs: 10_000,
    observer: { answered: ({ images }) => verdicts.splice(0, verdicts.length, ...images) },
  });
  return {
    registry,
    async ask(webhook, object) {
      const body = Buffer.from(JSON.stringify(review(object)));
      const reply = await handle(webhook, body, new AbortController().signal, Number.POSITIVE_INFINITY);
      const { response } = JSON.parse(reply.body) as {
        response: { allowed: boolean; patch?: string; status?: { message: string } };
      };
      const patch = Buffer.from(response.patch ?? '', 'base64').toString();
      return {
        allowed: response.allowed,
        patched: patch.includes('/image'),
        verdicts: [...verdicts],
        message: response.status?.message ?? '',
      };
    },
  };
}

const running = (written: string, pullPolicy = 'Always'): Json =>
  pod('web').container(written, { name: 'web', pullPolicy }).build();

describe('case 34: platforms of nodes and images, strict and compat as containerd', () => {
  const windows = (build: string): object => ({
    platform: { os: 'windows', architecture: 'amd64', 'os.version': `10.0.${build}.1` },
  });
  const linux = (architecture: string, variant?: string): object => ({
    platform: { os: 'linux', architecture, ...(variant && { variant }) },
  });

  test.each<[string, object, string, string, string]>([
    ['linux/arm64', linux('arm', 'v7'), 'arm/v7 only', 'platform-missing', 'available'],
    ['linux/amd64', linux('386'), '386 only', 'platform-missing', 'available'],
    ['linux/amd64', linux('amd64', 'v3'), 'amd64/v3 only', 'platform-missing', 'platform-missing'],
    ['linux/amd64/v3', linux('amd64'), 'amd64 only', 'platform-missing', 'available'],
    ['windows(10.0.17763)/amd64', windows('17763'), 'build 17763', 'available', 'available'],
    ['windows(10.0.17763)/amd64', windows('20348'), 'build 20348', 'platform-missing', 'platform-missing'],
    ['windows(10.0.20348)/amd64', windows('17763'), 'build 17763', 'platform-missing', 'platform-missing'],
    ['windows(10.0.20348)/amd64', windows('20348'), 'build 20348', 'available', 'available'],
    ['windows(10.0.20348)/amd64', windows('26100'), 'build 26100', 'platform-missing', 'platform-missing'],
    ['windows(10.0.26100)/amd64', windows('20348'), 'build 20348', 'available', 'available'],
    ['windows(10.0.26100)/amd64', windows('17763'), 'build 17763', 'platform-missing', 'platform-missing'],
  ])('%s nodes, %j (%s): strict %s, compat %s', async (node, more, _what, strict, compat) => {
    const root = index([{ content: image('any'), more }]);
    for (const [match, wanted] of [
      ['strict', strict],
      ['compat', compat],
      // Without nodes nobody tells the version of containerd: as it is since 2.1.
      ['auto', strict],
    ] as const) {
      const { ask } = await world({ root, nodes: [node], policy: { platformMatching: match } });
      const { allowed, verdicts } = await ask('validate', running('registry.test/team/app:1'));
      expect([match, verdicts[0]?.result, allowed]).toEqual([match, wanted, wanted === 'available']);
    }
  });
});

test('case 35: schema 1 is refused and not pinned, and its platform is known all the same', async () => {
  const manifest = {
    schemaVersion: 1,
    name: 'team/app',
    tag: '1',
    architecture: 'amd64',
    fsLayers: [],
    history: [],
  };
  const { ask } = await world({ root: content(types.schema1, manifest), nodes: ['linux/amd64'] });
  const object = running('registry.test/team/app:1');
  expect(await ask('mutate', object)).toMatchObject({ allowed: true, patched: false });
  const { allowed, verdicts, message } = await ask('validate', object);
  expect(allowed).toBe(false);
  expect(verdicts).toMatchObject([{ result: 'invalid', reason: 'Schema1' }]);
  expect(verdicts[0]?.inspection?.platforms.map(formatAll)).toEqual(['linux/amd64']);
  expect(message).toContain('(invalid, Schema1): is a manifest of Docker schema 1');
});

describe('case 39: images that no registry is asked for', () => {
  const digest = image('amd64').digest;

  test.each<[string, string, string, string]>([
    ['imagePullPolicy: Never', 'registry.test/team/app:1', 'Never', 'PullPolicyNever'],
    [
      'imagePullPolicy: Never, of one that does not exist',
      'registry.test/team/app:9',
      'Never',
      'PullPolicyNever',
    ],
    ['a bare image ID', digest, 'IfNotPresent', 'ImageId'],
    ['64 hexadecimal digits', digest.slice('sha256:'.length), 'IfNotPresent', 'ImageId'],
  ])('%s: not checked, never pinned, zero packets', async (_what, written, pullPolicy, reason) => {
    // Not even where pins are demanded: what the node holds has no other name there.
    const { ask, registry } = await world({ nodes: ['linux/amd64'], policy: { requireDigest: true } });
    for (const webhook of ['mutate', 'validate'] as const) {
      const { allowed, patched, verdicts } = await ask(webhook, running(written, pullPolicy));
      expect([allowed, patched]).toEqual([true, false]);
      expect(verdicts).toMatchObject([{ result: 'not-checked', reason, pinned: written }]);
    }
    expect(registry.connections).toBe(0);
  });
});

describe('case 40: names that no registry is asked for', () => {
  test.each<[string, string]>([
    ['scratch', 'Reserved'],
    ['scratch:1', 'Reserved'],
    ['docker.io/library/scratch', 'Reserved'],
    ['', 'Empty'],
  ])('%j: invalid, zero packets', async (written, reason) => {
    const { ask, registry } = await world();
    expect(await ask('mutate', running(written))).toMatchObject({ allowed: true, patched: false });
    const { allowed, verdicts } = await ask('validate', running(written));
    expect(allowed).toBe(false);
    expect(verdicts).toMatchObject([{ result: 'invalid', reason, pinned: written }]);
    expect(registry.connections).toBe(0);
  });

  test('example.com/scratch is a name like any other', async () => {
    const { ask } = await world();
    expect(await ask('mutate', running('example.com/scratch:1'))).toMatchObject({
      allowed: true,
      patched: true,
    });
    expect(await ask('validate', running('example.com/scratch:1'))).toMatchObject({ allowed: true });
  });
});
