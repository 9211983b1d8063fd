import { describe, expect, test } from '@jest/globals';
import { objectVerdict } from '../../../../../src/watch/controller/inspect/object-verdict.ts';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import { defaults } from '../../../judge/policies-of.ts';
import { record } from '../records.ts';
import { condition, inputs, verdict } from '../status/inputs.ts';

const users = [record()];
const lacking = (fit: 'some' | 'none', platforms: 'any' | 'all') =>
  verdict({
    result: 'platform-missing',
    fit,
    missingPlatforms: ['linux/arm64'],
    message: 'lacks linux/arm64, restrict the pod',
    policy: { ...defaults, platforms },
  });

describe('objectVerdict', () => {
  test('is available if some nodes fit and the policy accepts any', () => {
    const plan = { users, namesPlatforms: false };
    const tolerated = objectVerdict(lacking('some', 'any'), plan);
    const status = buildStatus(
      inputs({ sets: [{ credentials: { serviceAccount: 'default', pullSecrets: [] }, verdict: tolerated }] }),
    );
    expect(status).toMatchObject({ result: 'available', missingPlatforms: ['linux/arm64'] });
    expect(condition(status, 'PlatformsSatisfied')).toMatchObject({
      status: 'False',
      reason: 'SomeNodesFit',
    });
    expect(condition(status, 'Ready').status).toBe('True');
  });

  test.each([
    ['no node fits', lacking('none', 'any'), false],
    ['the policy requires all nodes', lacking('some', 'all'), false],
    ['the spec names platforms', lacking('some', 'any'), true],
  ])('is platform-missing if %s', (_title, given, namesPlatforms) => {
    expect(objectVerdict(given, { users, namesPlatforms }).result).toBe('platform-missing');
  });

  test('does not speak of a pod if the image has no users', () => {
    const messages = [true, false].map(
      (namesPlatforms) => objectVerdict(lacking('none', 'any'), { users: [], namesPlatforms }).message,
    );
    expect(messages).toEqual([
      'lacks linux/arm64, required by spec.platforms',
      'lacks linux/arm64, the platform of nodes on which a pod without tolerations can be scheduled',
    ]);
  });
});
