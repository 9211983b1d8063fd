/** Judgements where nodes have different mirrors: the worst of the groups counts, and a pin holds for all of them. */
import { describe, expect, test } from '@jest/globals';
import { Judge } from '../../../../src/judge/judge.ts';
import type { Judgement } from '../../../../src/judge/judgement.ts';
import { configuredPlatforms } from '../../../../src/judge/nodes/placement/static-placement.ts';
import { type EligiblePlatform, eligiblePlatform } from '../../../../src/judge/nodes/fit.ts';
import type { EligibleGroup, NodeGroup } from '../../../../src/judge/nodes/group.ts';
import type { PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { subjectOf } from '../../../../src/judge/subject.ts';
import { type PodContext, standalone } from '../../../../src/judge/cluster-context.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import { upstreamOnly } from '../../../../src/resolve/endpoints/default.ts';
import type { Inspection } from '../../../../src/resolve/inspection/inspection.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';
import { pod } from '../../../kit/fakes/pods.ts';
import { groupOf } from '../eligible-groups.ts';
import { policiesOf } from '../policies-of.ts';
import { digestFor, platforms, type Script, ScriptedInspector } from '../scripted-inspector.ts';

const image = 'nginx:1';
const digest = digestFor(image);
const short = digest.slice(0, 19);
const both = configuredPlatforms(platforms('linux/amd64', 'linux/arm64').platforms);

/** Nodes whose registries say this of the image. */
function at(
  name: string | null,
  answer: Partial<Inspection>,
  eligible: EligibleGroup['eligible'] = both,
  group: Partial<NodeGroup> = {},
): EligibleGroup {
  return scripted(name, { [image]: answer }, eligible, group);
}

function scripted(
  name: string | null,
  script: Script,
  eligible: EligibleGroup['eligible'] = both,
  group: Partial<NodeGroup> = {},
): EligibleGroup {
  return { group: groupOf(new ScriptedInspector(script), { name, ...group }), eligible };
}

interface Setting {
  readonly policy?: Partial<PolicyConfig>;
  readonly podContext?: Partial<PodContext>;
}

async function judge(
  eligibleGroups: readonly EligibleGroup[],
  { policy, podContext }: Setting = {},
): Promise<Judgement> {
  const workload = templateOf(pod('web').container(image, { name: 'web' }).build());
  if (!workload) throw new Error('a pod is a workload');
  return new Judge(policiesOf(policy)).judge({
    subject: subjectOf(workload, 'default'),
    podContext: { ...standalone(anonymous, eligibleGroups), ...podContext },
    deadline: deadlineIn(5_000),
    purpose: 'admission',
  });
}

const here = {};
const gone = { result: 'not-found', message: 'does not exist' } as const;
const silent = { result: 'unavailable', message: 'could not be checked' } as const;

describe('the verdict for several groups', () => {
  test.each<[string, readonly EligibleGroup[], string, string, string]>([
    ['available everywhere', [at('gpu', here), at(null, here)], 'available', '', 'allow'],
    ['missing in one group', [at('gpu', here), at('cpu', gone)], 'not-found', 'node group cpu', 'deny'],
    [
      'missing outside of the groups',
      [at('gpu', here), at(null, gone)],
      'not-found',
      'nodes of no group',
      'deny',
    ],
    [
      'missing in one, unknown in another',
      [at('gpu', silent), at('cpu', gone), at(null, here)],
      'not-found',
      'node group cpu',
      'deny',
    ],
    ['unknown in two', [at('gpu', silent), at('cpu', silent)], 'unavailable', 'node groups gpu, cpu', 'warn'],
    ['one group only', [at('gpu', gone)], 'not-found', 'node group gpu', 'deny'],
    ['no groups at all', [at(null, gone)], 'not-found', '', 'deny'],
  ])('%s', async (_what, eligibleGroups, result, where, decision) => {
    const judgement = await judge(eligibleGroups);
    expect(judgement.decision).toBe(decision);
    expect(judgement.images).toMatchObject([{ result, where }]);
  });

  test('the denial names the group', async () => {
    expect((await judge([at('gpu', here), at('cpu', gone)])).message).toBe(
      'container "web", image "nginx:1" (not-found, node group cpu): does not exist',
    );
  });

  test('platforms are compared for each group, and the result is about all of them', async () => {
    const amd64 = platforms('linux/amd64');
    const none = platforms('linux/s390x');
    const any = { policy: { nodeAffinity: 'off' } } as const;
    expect((await judge([at('a', amd64), at('b', here)], any)).decision).toBe('warn');
    // It fits no node of one group, and some of the other.
    expect((await judge([at('a', none), at('b', here)], any)).decision).toBe('warn');
    expect((await judge([at('a', none), at('b', none)], any)).decision).toBe('deny');
    const arm = configuredPlatforms(platforms('linux/arm64').platforms);
    const judgement = await judge([at('a', amd64, arm), at('b', none)], any);
    expect(judgement.images[0]?.missingPlatforms).toEqual(['linux/arm64', 'linux/amd64']);
    // amd64 alone is enough where all nodes have it.
    const fits = configuredPlatforms(amd64.platforms);
    expect((await judge([at('a', amd64, fits), at('b', here)])).decision).toBe('allow');
  });

  test('counts the nodes of all groups that lack a platform, and says that there are others', async () => {
    const on = (specifier: string, count: number, example: string): EligiblePlatform => {
      return { ...eligiblePlatform(parsePlatform(specifier), 'strict'), nodes: { count, example } };
    };
    const amd64 = platforms('linux/amd64');
    const [arm, amd] = [on('linux/arm64', 2, 'arm-1'), on('linux/amd64', 3, 'amd-1')];
    const all = { policy: { platforms: 'all', nodeAffinity: 'off' } } as const;
    const some = await judge(
      [at('a', amd64, [arm, amd]), at('b', amd64, [on('linux/arm64', 1, 'arm-9')])],
      all,
    );
    expect(some.message).toContain(
      '(platform-missing, node groups a, b): fits 3 of 6 eligible nodes: lacks linux/arm64 (node arm-1, +2). Push',
    );
    const any = { policy: { nodeAffinity: 'off' } } as const;
    const { decision, warnings } = await judge([at('a', amd64, [arm]), at('b', amd64, [amd])], any);
    expect([decision, warnings[0]]).toEqual([
      'warn',
      expect.stringContaining(
        '(platform-missing, node group a): fits no eligible node there: lacks linux/arm64 (node arm-1, +1). Push',
      ),
    ]);
    const required = await judge([at('a', amd64), at('b', amd64)], all);
    expect(required.message).toContain('fits 1 of 2 required platforms: lacks linux/arm64. Push');
  });

  test('keeps the notes of every group that has the worst result', async () => {
    const doubtful = (message: string) => ({ warnings: [{ code: 'NodesRefuse', message, source: null }] });
    const { notes } = await judge([
      at('a', doubtful('text/plain')),
      at('b', here),
      at('c', doubtful('no type')),
    ]);
    expect(notes).toEqual([
      'container "web", image "nginx:1" may not be pulled by every node: text/plain',
      'container "web", image "nginx:1" may not be pulled by every node: no type',
    ]);
  });

  const refused = {
    result: 'unavailable',
    reason: 'NodesRefuse',
    message: 'could not be pulled: no type',
  } as const;

  test('is unknown if the nodes of all groups refuse an answer', async () => {
    const judgement = await judge([at('a', refused), at('b', refused)]);
    expect(judgement).toMatchObject({ decision: 'warn', reason: 'unavailable' });
    expect(judgement.images[0]).toMatchObject({ reason: 'NodesRefuse', pinned: image });
  });

  test('leaves the decision to the other groups if the nodes of one refuse an answer', async () => {
    const judgement = await judge([at('a', refused), at('b', here)], { policy: { onUnavailable: 'deny' } });
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'available' });
    expect(judgement.notes[0]).toBe(
      'container "web", image "nginx:1" cannot be checked for node group a: it could not be pulled: no type',
    );
    expect((await judge([at('a', refused), at('b', gone)])).images[0]).toMatchObject({ result: 'not-found' });
  });

  test('an image that the nodes of one group reject as written is invalid, without a request', async () => {
    const mirrors = {
      ...upstreamOnly,
      refuse: () => ({ reason: 'ShortName', message: 'names no registry' }),
    };
    const other = new ScriptedInspector();
    const judgement = await judge([
      at('crio', here, both, { mirrors }),
      { group: groupOf(other, { name: 'other' }), eligible: both },
    ]);
    expect(judgement.images).toMatchObject([
      { result: 'invalid', reason: 'ShortName', where: 'node group crio' },
    ]);
    expect(other.asked).toEqual([]);
  });

  test('groups with equal mirrors share inspections', async () => {
    const shared = new ScriptedInspector();
    const own = new ScriptedInspector();
    const landing = (name: string, inspector: ScriptedInspector): EligibleGroup => ({
      group: groupOf(inspector, { name }),
      eligible: both,
    });
    await judge([landing('a', shared), landing('b', shared), landing('c', own)]);
    const once = [`docker.io/library/${image}`, `docker.io/library/${image}@${digest}`];
    expect([shared.asked, own.asked]).toEqual([once, once]);
  });
});

describe('the pin', () => {
  const other = digestFor('nginx:2');
  const pinned = async (...given: Parameters<typeof judge>): Promise<string | undefined> =>
    (await judge(...given)).images[0]?.pinned;

  test('is the digest that the tag has in all groups, proved in every group', async () => {
    expect(await pinned([at('gpu', here), at(null, here)])).toBe(`${image}@${digest}`);
  });

  test.each<[string, EligibleGroup, string]>([
    [
      'another digest',
      at(null, { digest: other }),
      `its tag resolves to ${short} for node group gpu, ${other.slice(0, 19)} for nodes of no group`,
    ],
    [
      'the tag, but not the digest',
      scripted(null, { [`${image}@${digest}`]: gone }),
      `its tag resolves to ${short}, and by that digest it, for nodes of no group, does not exist`,
    ],
    ['an old answer', at(null, { stale: true }), 'no registry is reachable'],
  ])('is omitted if one group has %s, and a warning says why', async (_what, landing, why) => {
    const judgement = await judge([at('gpu', here), landing]);
    expect(judgement).toMatchObject({ decision: 'allow', images: [{ pinned: image }] });
    expect(judgement.notes).toEqual([
      expect.stringContaining(`container "web", image "nginx:1" is not pinned: ${why}`),
    ]);
  });

  test('of earlier pods is kept until a group has lost it', async () => {
    const podContext = { earlierDigest: () => other };
    const lost = scripted('b', { [`${image}@${other}`]: gone });
    expect(await pinned([at('a', here), at('b', here)], { podContext })).toBe(`${image}@${other}`);
    expect(await pinned([at('a', here), lost], { podContext })).toBe(`${image}@${digest}`);
  });
});
