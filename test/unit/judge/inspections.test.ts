import { describe, expect, test } from '@jest/globals';
import { Judge } from '../../../src/judge/judge.ts';
import type { Judgement } from '../../../src/judge/judgement.ts';
import type { Policy } from '../../../src/judge/policy/schema.ts';
import { subjectOf } from '../../../src/judge/subject.ts';
import { type PodContext, standalone } from '../../../src/judge/cluster-context.ts';
import { templateOf } from '../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../src/resolve/credentials/credential.ts';
import { deadlineIn } from '../../../src/util/async/deadline.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { allAt } from './eligible-groups.ts';
import { policiesOf } from './policies-of.ts';
import { digestFor, inspectionOf, type Script, ScriptedInspector } from './scripted-inspector.ts';

const image = 'corp.example/app:1';
const unread = 'pull secret "corp" could not be read (Pratique has no right to)';

interface Setting {
  readonly script?: Script;
  readonly policy?: Partial<Policy>;
  readonly around?: Partial<PodContext>;
  readonly inspector?: ScriptedInspector;
  readonly final?: boolean;
  readonly object?: Json;
  readonly deadlineMs?: number;
}

function judge(setting: Setting): Promise<Judgement> {
  const inspector = setting.inspector ?? new ScriptedInspector(setting.script ?? {});
  const workload = templateOf(setting.object ?? pod('web').container(image, { name: 'web' }).build());
  if (!workload) throw new Error('the test needs a workload');
  return new Judge(policiesOf(setting.policy)).judge({
    subject: { ...subjectOf(workload, 'shop'), final: setting.final ?? true },
    podContext: { ...standalone(anonymous, allAt(inspector)), ...setting.around },
    deadline: deadlineIn(setting.deadlineMs ?? 5_000),
    purpose: 'admission',
  });
}

const refusal = (result: 'denied' | 'not-found') => ({ [image]: { result, message: 'is refused' } });

describe('a secret that could not be read', () => {
  test.each(['denied', 'not-found'] as const)('makes the result %s unknown', async (result) => {
    const judgement = await judge({ script: refusal(result), around: { unreadableSecret: unread } });
    expect(judgement).toMatchObject({ decision: 'warn', reason: 'unavailable' });
    expect(judgement.images[0]).toMatchObject({
      result: 'unavailable',
      reason: 'Credentials',
      message: `could not be checked: ${unread}, and without it the image is refused`,
    });
  });

  test('denies the pod with onUnavailable deny', async () => {
    const policy = { onUnavailable: 'deny' } as const;
    const judgement = await judge({
      script: refusal('denied'),
      around: { unreadableSecret: unread },
      policy,
    });
    expect(judgement.decision).toBe('deny');
    expect(judgement.message).toContain(unread);
  });

  test('does not change the result of an available image', async () => {
    expect(await judge({ around: { unreadableSecret: unread } })).toMatchObject({
      decision: 'allow',
      reason: 'available',
    });
  });

  test('lets the last known result of the cluster count', async () => {
    const recalled = () => inspectionOf(image, { stale: true });
    const judgement = await judge({
      script: refusal('denied'),
      around: { unreadableSecret: unread, lastKnown: recalled },
    });
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'available' });
  });
});

test('a secret that does not exist is named in the message of a refused image', async () => {
  const around = { absentSecrets: ['corp', 'other'] };
  expect((await judge({ script: refusal('not-found'), around })).message).toContain(
    'is refused. The pull secret "corp" does not exist in this namespace',
  );
  expect((await judge({ around })).warnings).toEqual([]);
});

test('a message that ends with a full stop gets no second one', async () => {
  const script = { [image]: { result: 'not-found', message: 'is refused. Check the name.' } } as const;
  expect((await judge({ script, around: { absentSecrets: ['corp'] } })).message).toContain(
    'is refused. Check the name. The pull secret "corp" does not exist in this namespace',
  );
});

describe('a warning of the pod context', () => {
  const around = { warnings: [unread] };

  test('is shown by both webhooks', async () => {
    expect(await judge({ around })).toMatchObject({ warnings: [unread], notes: [unread] });
  });

  test.each(['audit', 'off'] as const)('is not shown in mode %s', async (mode) => {
    expect(await judge({ around, policy: { mode } })).toMatchObject({ warnings: [], notes: [] });
  });

  test('stays within the limits, after the warnings about images', async () => {
    const many = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(300)}`);
    const script = { [image]: { result: 'unavailable', message: 'nobody answers' } } as const;
    const { warnings } = await judge({ around: { warnings: many }, script });
    expect(warnings[0]).toContain('nobody answers');
    expect(warnings.every((warning) => warning.length <= 256)).toBe(true);
    expect(warnings.join('').length).toBeLessThanOrEqual(4_096);
  });
});

describe('the deadline', () => {
  test('lets the last known result of the cluster count for an image without an answer', async () => {
    const inspector = new ScriptedInspector();
    inspector.silent = true;
    const recalled = () => inspectionOf(image, { stale: true });
    const judgement = await judge({
      inspector,
      around: { lastKnown: recalled },
      deadlineMs: 10,
      final: false,
    });
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'available', late: true, patch: [{}, {}] });
    expect(judgement.images[0]?.pinned).toBe(image);
  });
});

describe('a pin is recorded for siblings', () => {
  const told = async (setting: Setting): Promise<readonly string[]> => {
    const pins: string[] = [];
    const pinned: PodContext['recordPin'] = (use, digest) => {
      pins.push(`${use.container} ${use.image} ${digest}`);
    };
    await judge({ ...setting, around: { recordPin: pinned } });
    return [...new Set(pins)];
  };

  test('if the pod gets it', async () => {
    expect(await told({ final: false })).toEqual([`web ${image} ${digestFor(image)}`]);
  });

  test.each<[string, Setting]>([
    ['a final pod', { final: true }],
    ['one that is not pinned', { final: false, policy: { pin: 'off' } }],
    [
      'one that somebody pinned himself',
      {
        final: false,
        object: pod('web')
          .container(`${image}@${digestFor(image)}`)
          .build(),
      },
    ],
  ])('but not for %s', async (_title, setting) => {
    expect(await told(setting)).toEqual([]);
  });
});
