import { describe, expect, test } from '@jest/globals';
import { runtimeLineOf, runtimeLines } from '../../../../../src/resolve/endpoints/runtime/runtime-line.ts';
import { allProfiles, runtimeProfile } from '../../../../../src/resolve/endpoints/runtime/runtime-profile.ts';
import {
  isAtLeast,
  parseRuntimeVersion,
  type RuntimeVersion,
} from '../../../../../src/resolve/endpoints/runtime/runtime-version.ts';
import {
  commonPlatformMatching,
  platformMatchingOf,
  profilesOfRuntime,
} from '../../../../../src/resolve/endpoints/runtime/select-profiles.ts';

function version(text: string): RuntimeVersion {
  const parsed = parseRuntimeVersion(text);
  if (parsed === null) throw new Error(`${text} has no version`);
  return parsed;
}

describe('the profile of a node', () => {
  test.each([
    ['containerd://1.6.36', ['containerd-local']],
    ['containerd://2.0.5', ['containerd-local']],
    ['containerd://2.1.0', ['containerd-transfer']],
    ['containerd://2.1.4-k3s1', ['containerd-transfer']],
    ['cri-o://1.33.5', ['crio-until-1.33']],
    ['cri-o://1.34.0', ['crio-until-1.33']],
    ['cri-o://1.34.1', ['crio-since-1.34']],
    ['docker://28.1.1', ['dockerd-graph', 'dockerd-store']],
  ])('with %s is %j', (runtime, names) => {
    expect(profilesOfRuntime(runtime).map(({ name }) => name)).toEqual(names);
  });

  test('is every profile if its runtime is not known, containerd first', () => {
    expect(profilesOfRuntime('youki://0.1')).toBe(allProfiles);
    expect(allProfiles.map(({ name }) => name)).toEqual([
      'containerd-transfer',
      'containerd-local',
      'crio-until-1.33',
      'crio-since-1.34',
      'dockerd-graph',
      'dockerd-store',
    ]);
  });
});

describe('image volumes', () => {
  test.each([
    ['containerd-local', '2.0', false],
    ['containerd-local', '2.1', true],
    ['containerd-transfer', '2.1', true],
    ['crio-until-1.33', '1.30', false],
    ['crio-until-1.33', '1.31', true],
    ['crio-since-1.34', '1.34', true],
    ['dockerd-graph', '28.1', null],
  ] as const)('of %s %s: %s', (name, text, wanted) => {
    expect(runtimeProfile(name, version(text)).imageVolumes).toBe(wanted);
  });

  test('are not known if the version is not', () => {
    expect(runtimeProfile('containerd-local', null).imageVolumes).toBeNull();
  });
});

test('CRI-O repeats a failed pull as an artifact from 1.35 on', () => {
  const retries = (text: string) => runtimeProfile('crio-since-1.34', version(text)).retriesAsArtifact;
  expect([
    retries('1.34'),
    retries('1.35'),
    runtimeProfile('crio-since-1.34', null).retriesAsArtifact,
  ]).toEqual([false, true, false]);
});

test('a label names the product, and the version if it is known', () => {
  expect(runtimeProfile('crio-since-1.34', version('1.35.2')).label).toBe('CRI-O 1.35');
  expect(runtimeProfile('dockerd-store', null).label).toBe('dockerd');
});

describe('platform matching', () => {
  test.each([
    ['containerd://2.1.0', 'strict'],
    ['containerd://1.7.2', 'compat'],
    ['cri-o://1.33.1', 'crio'],
    ['docker://28.0.0', 'dockerd'],
    ['', 'compat'],
    ['containerd://', 'strict'],
  ])('of %j is %s', (runtime, wanted) => {
    expect(platformMatchingOf(runtime)).toBe(wanted);
  });
});

test('profiles that match platforms differently are held to the strict rules', () => {
  expect(commonPlatformMatching(allProfiles)).toBe('strict');
  expect(commonPlatformMatching([])).toBe('strict');
  expect(commonPlatformMatching(profilesOfRuntime('cri-o://1.33.1'))).toBe('crio');
  expect(commonPlatformMatching(profilesOfRuntime('containerd://1.7.1'))).toBe('compat');
});

describe('the line of a runtime', () => {
  test.each([
    ['containerd://1.7.27-k3s1', 'containerd://1.7.24-k3s'],
    ['containerd://1.7.23', 'containerd://1.7.16'],
    ['containerd://1.6.31', 'containerd://0.0.0'],
    ['containerd://2.4.2', 'containerd://2.2.0'],
    ['cri-o://1.34.0', 'cri-o://1.31.0'],
    ['cri-o://1.36.0', 'cri-o://1.35.0'],
    ['docker://28.1.1', 'docker://0.0.0'],
    ['containerd://', null],
    ['youki://1.0', null],
  ])('%s is %s', (runtime, line) => {
    expect(runtimeLineOf(runtime)).toBe(line);
    if (line !== null) expect(runtimeLines).toContain(line);
  });
});

test('a version without a patch is the newest of its minor', () => {
  expect(isAtLeast(version('1.7'), 1, 7, 24)).toBe(true);
  expect(isAtLeast(version('1.7.23'), 1, 7, 24)).toBe(false);
  expect(isAtLeast(version('2.0.0'), 1, 7, 24)).toBe(true);
  expect(isAtLeast(version('1.6'), 1, 7)).toBe(false);
  expect(parseRuntimeVersion('auto')).toBeNull();
});
