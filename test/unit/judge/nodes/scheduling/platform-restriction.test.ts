import { describe, expect, test } from '@jest/globals';
import type { EligiblePlatform } from '../../../../../src/judge/nodes/fit.ts';
import { eligiblePlatform } from '../../../../../src/judge/nodes/fit.ts';
import {
  restrict,
  platformRestriction,
} from '../../../../../src/judge/nodes/scheduling/platform-restriction.ts';
import { formatAll } from '../../../../../src/resolve/platform/format.ts';
import { normalise } from '../../../../../src/resolve/platform/normalise.ts';
import { parsePlatform } from '../../../../../src/resolve/platform/parse.ts';
import { allAt } from '../../eligible-groups.ts';
import { ScriptedInspector } from '../../scripted-inspector.ts';

/** `linux/arm64` or `linux/arm64*3`: of three nodes. */
function eligible(text: string): EligiblePlatform {
  const [specifier = '', count] = text.split('*');
  const platform = eligiblePlatform(normalise(parsePlatform(specifier)), 'strict');
  return count ? { ...platform, nodes: { count: Number(count), example: 'n' } } : platform;
}

const inspector = new ScriptedInspector();
const eligibleGroupsOf = (...platforms: readonly EligiblePlatform[]) => allAt(inspector, platforms);

describe('the restriction', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[] | null, readonly string[]]>([
    [
      'one architecture',
      ['linux/amd64', 'linux/arm64'],
      ['linux/arm64'],
      ['linux', 'amd64'],
      ['linux/amd64'],
    ],
    [
      'two of three',
      ['linux/amd64', 'linux/arm64', 'linux/s390x'],
      ['linux/amd64'],
      ['linux', 'arm64,s390x'],
      ['linux/arm64', 'linux/s390x'],
    ],
    [
      'one system',
      ['linux/amd64', 'windows(10.0.20348)/amd64'],
      ['windows(10.0.20348)/amd64'],
      ['linux', 'amd64'],
      ['linux/amd64'],
    ],
    [
      'both systems where the architecture does on each',
      ['linux/amd64', 'linux/arm64', 'windows/amd64'],
      ['linux/arm64'],
      ['linux,windows', 'amd64'],
      ['linux/amd64', 'windows/amd64'],
    ],
    [
      'the system with more nodes where two lists cannot say it',
      ['linux/amd64*2', 'linux/arm64*3', 'windows/amd64*9'],
      ['linux/amd64'],
      ['windows', 'amd64'],
      ['windows/amd64'],
    ],
    [
      'or the other',
      ['linux/amd64*2', 'linux/arm64*3', 'windows/amd64*1'],
      ['linux/amd64'],
      ['linux', 'arm64'],
      ['linux/arm64'],
    ],
    [
      'the same one in every replica if two systems are equal',
      ['windows/amd64*3', 'linux/arm64*3', 'linux/amd64*2'],
      ['linux/amd64'],
      ['linux', 'arm64'],
      ['linux/arm64'],
    ],
    ['none, as nothing fits', ['linux/amd64', 'linux/arm64'], ['linux/amd64', 'linux/arm64'], null, []],
    [
      'none, as labels do not tell builds of Windows apart',
      ['windows(10.0.17763)/amd64', 'windows(10.0.20348)/amd64'],
      ['windows(10.0.17763)/amd64'],
      null,
      [],
    ],
    [
      'variants are not told apart: all of the architecture are left out',
      ['linux/arm/v6', 'linux/arm/v7', 'linux/amd64'],
      ['linux/arm/v6'],
      ['linux', 'amd64'],
      ['linux/amd64'],
    ],
  ])('%s', (_what, platforms, missing, wanted, left) => {
    const eligibleGroups = eligibleGroupsOf(...platforms.map(eligible));
    const found = platformRestriction(eligibleGroups, new Set(missing));
    expect(found && [found.os.join(','), found.arch.join(',')]).toEqual(wanted);
    const after = found ? restrict(eligibleGroups, found) : [];
    expect(
      after.flatMap(({ eligible }) => eligible ?? []).map(({ platform }) => formatAll(platform)),
    ).toEqual(left);
  });

  test('uses the labels of nodes, not their reported platform', () => {
    const mislabelled = { ...eligible('linux/arm64'), labels: { os: 'linux', arch: 'amd64' } };
    const unlabelled = { ...eligible('linux/s390x'), labels: { os: null, arch: null } };
    const missing = new Set(['linux/arm64']);
    expect(platformRestriction(eligibleGroupsOf(eligible('linux/amd64'), mislabelled), missing)).toBeNull();
    expect(platformRestriction(eligibleGroupsOf(eligible('linux/arm64'), unlabelled), missing)).toBeNull();
    const eligibleGroups = eligibleGroupsOf(eligible('linux/amd64'), eligible('linux/arm64'), unlabelled);
    const found = platformRestriction(eligibleGroups, missing);
    expect(found).toEqual({ os: ['linux'], arch: ['amd64'] });
    expect(found && restrict(eligibleGroups, found)[0]?.eligible).toHaveLength(1);
  });

  test('excludes groups without a fitting node, and keeps groups that accept any platform', () => {
    const [arm] = eligibleGroupsOf(eligible('linux/arm64'));
    const [amd] = eligibleGroupsOf(eligible('linux/amd64'));
    const [any] = allAt(inspector);
    if (!arm || !amd || !any) throw new Error('one landing each');
    expect(restrict([arm, amd, any], { os: ['linux'], arch: ['amd64'] })).toEqual([amd, any]);
  });
});
