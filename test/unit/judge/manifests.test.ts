/** Real manifests of kinds that were judged wrongly elsewhere, in mode enforce, for nodes of linux/amd64 and linux/arm64. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { standalone } from '../../../src/judge/cluster-context.ts';
import { Judge } from '../../../src/judge/judge.ts';
import type { Judgement } from '../../../src/judge/judgement.ts';
import {
  configuredPlatforms,
  createStaticPlacement,
} from '../../../src/judge/nodes/placement/static-placement.ts';
import type { PolicyConfig } from '../../../src/judge/policy/schema.ts';
import { subjectOf } from '../../../src/judge/subject.ts';
import { templateOf } from '../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../src/resolve/credentials/credential.ts';
import { groupOf } from './eligible-groups.ts';
import { policiesOf } from './policies-of.ts';
import { platforms, type Script, ScriptedInspector } from './scripted-inspector.ts';

const required = platforms('linux/amd64', 'linux/arm64').platforms;
const amd64Only = platforms('linux/amd64');

function judge(file: string, script: Script = {}, policy: Partial<PolicyConfig> = {}): Judgement {
  const inspector = new ScriptedInspector(script);
  inspector.warm = true;
  const text = readFileSync(new URL(`../../fixtures/manifests/${file}.yaml`, import.meta.url), 'utf8');
  const [document] = parseAllDocuments(text);
  const workload = templateOf(document?.toJS());
  if (!workload) throw new Error(`${file} has no pod and no pod template`);
  const place = createStaticPlacement([groupOf(inspector)], configuredPlatforms(required));
  const judgement = new Judge(policiesOf(policy))
    .begin(subjectOf(workload, 'default'), standalone(anonymous, place(workload)))
    .tryNow();
  if (!judgement) throw new Error('every inspection was known');
  return judgement;
}

const gone = { result: 'not-found', message: 'does not exist' } as const;
const agent = { 'registry.example.com/amd64only/agent:1': amd64Only };
const all = { platforms: 'all', nodeAffinity: 'off' } as const;

test('the placeholder of a gateway that Istio injects is not checked', () => {
  const judgement = judge('istio-auto', { auto: gone });
  expect(judgement).toMatchObject({ decision: 'allow', warnings: [] });
  expect(judgement.images).toMatchObject([{ result: 'not-checked', reason: 'Placeholder', pinned: 'auto' }]);
});

describe('a selector on the architecture', () => {
  test.each(['ga-labels', 'beta-labels', 'beta-affinity'])('excludes the other nodes: %s', (file) => {
    expect(judge(file, agent, all)).toMatchObject({ decision: 'allow', reason: 'available' });
  });

  test('for Windows by its deprecated label leaves no eligible node', () => {
    expect(judge('windows-beta').images).toMatchObject([{ result: 'not-checked', reason: 'NoEligibleNode' }]);
  });
});

test('a gated pod is admitted with a warning, and not changed in its affinity, if some nodes fit', () => {
  for (const policy of [{}, all]) {
    const judgement = judge('gate', { 'nginx:1': amd64Only }, policy);
    expect(judgement).toMatchObject({ decision: 'warn', reason: 'platform-missing' });
    expect(judgement.patch.map(({ path }) => path).join(' ')).not.toContain('affinity');
  }
});

test('image volumes are judged and pinned, artifacts and single manifests of any platform included', () => {
  const judgement = judge('imagevolume', {
    'registry.example.com/modelart/llama:3': { kind: 'artifact', platforms: [] },
    'registry.example.com/data/amd64single:3': { kind: 'image', ...amd64Only },
  });
  expect(judgement.decision).toBe('allow');
  expect(judgement.images.map(({ use, result }) => [use.container, result])).toEqual([
    ['serve', 'available'],
    ['volume:model', 'available'],
    ['volume:data', 'available'],
  ]);
  expect(judgement.images.every(({ use, pinned }) => pinned.startsWith(`${use.image}@sha256:`))).toBe(true);
});

test('an operator bundle, which has no platform of its own, fits every node without a warning', () => {
  const bundle = { kind: 'image', platforms: [], platformsComplete: false } as const;
  const judgement = judge('olm-bundle', { 'quay.io/example/my-operator-bundle:v1': bundle }, all);
  expect(judgement).toMatchObject({ decision: 'allow', warnings: [] });
});
