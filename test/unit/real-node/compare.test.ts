import { describe, expect, test } from '@jest/globals';
import type { RealNode } from '../../kit/node/real-node.ts';
import { compare, isUnexplained } from '../../real-node/compare.ts';
import type { Observation } from '../../real-node/observe.ts';
import type { Row } from '../../real-node/row.ts';
import type { Verdict } from '../../real-node/verdict.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const node = { name: 'node-2', runtime: '2' } as RealNode;

function compared(
  row: Pick<Row, 'expected'> & Partial<Row>,
  verdict: Partial<Verdict>,
  observed: Partial<Observation> | null,
) {
  return compare({
    row: { id: 'made-up', title: 'made up', ...row },
    node,
    image: 'corp.io/app:1',
    verdict: {
      decision: 'allowed',
      result: 'available',
      message: '',
      namespace: 'enforced',
      pin: '',
      ...verdict,
    },
    observed: observed && { outcome: 'Running', message: '', imageId: '', ...observed },
  });
}

describe('a verdict beside what the node did', () => {
  test('is the same where the image is available and runs', () => {
    expect(compared({ expected: 'Running' }, {}, {})).toMatchObject({
      agreement: { kind: 'same' },
      surprise: null,
    });
  });

  test('is the same where the pod is denied and the pull fails', () => {
    const verdict = { decision: 'denied', result: 'not-found' } as const;
    const result = compared({ expected: 'PullFailed', says: /not found/ }, verdict, {
      outcome: 'PullFailed',
      message: 'not found',
    });
    expect(result).toMatchObject({ agreement: { kind: 'same' }, surprise: null });
  });

  test('is unexplained where an available image does not run', () => {
    const result = compared({ expected: 'PullFailed' }, {}, { outcome: 'PullFailed' });
    expect(result.agreement.kind).toBe('unexplained');
    expect(isUnexplained(result)).toBe(true);
  });

  test('is unexplained where a denied image runs', () => {
    const result = compared({ expected: 'Running' }, { decision: 'denied', result: 'platform-missing' }, {});
    expect(result.agreement.kind).toBe('unexplained');
  });

  test('is unexplained where something bad is found and the pod is allowed all the same', () => {
    const result = compared({ expected: 'PullFailed' }, { result: 'denied' }, { outcome: 'PullFailed' });
    expect(result.agreement.kind).toBe('unexplained');
  });

  test.each(['Running', 'PullFailed'] as const)(
    'claims nothing where the image is unavailable: %s',
    (outcome) => {
      const result = compared({ expected: outcome }, { result: 'unavailable, NodesRefuse' }, { outcome });
      expect(result.agreement.kind).toBe('no-claim');
    },
  );

  test('is unexplained where an unavailable image led to a denial', () => {
    const verdict = { decision: 'denied', result: 'unavailable' } as const;
    expect(compared({ expected: 'PullFailed' }, verdict, { outcome: 'PullFailed' }).agreement.kind).toBe(
      'unexplained',
    );
  });

  test('is unexplained where the node decided nothing in time', () => {
    expect(isUnexplained(compared({ expected: 'Running' }, {}, null))).toBe(true);
  });

  test('is a surprise where the node does something else than the row says', () => {
    expect(compared({ expected: 'PullFailed' }, {}, {}).surprise).toBe('expected PullFailed');
  });

  test('is a surprise where the node says something else than the row says', () => {
    const result = compared(
      { expected: 'PullFailed', says: /not found/ },
      {},
      { outcome: 'PullFailed', message: 'timeout' },
    );
    expect(result.surprise).toContain('not found');
  });

  test('is a surprise where another image runs than the pinned one', () => {
    const imageId = `corp.io/app@sha256:${'b'.repeat(64)}`;
    expect(compared({ expected: 'Running' }, { pin: digest }, { imageId }).surprise).toContain(imageId);
    expect(
      compared({ expected: 'Running' }, { pin: digest }, { imageId: `corp.io/app@${digest}` }).surprise,
    ).toBeNull();
  });
});
