import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { formatAll, formatPlatform } from '../../../../src/resolve/platform/format.ts';
import { normalise, platformsEqual } from '../../../../src/resolve/platform/normalise.ts';
import { plain, platform } from './arbitraries.ts';

describe('normalise', () => {
  test.each([
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64/v8.0', 'linux/arm64'],
    ['linux/arm64/v8.1', 'linux/arm64/v8.1'],
    ['linux/arm64/9', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/armel/v7', 'linux/arm/v6'],
    ['linux/AMD64/v1', 'linux/amd64'],
    ['linux/x86-64/V3', 'linux/amd64/v3'],
    ['linux/i386/v1', 'linux/386'],
    ['macOS/arm64', 'darwin/arm64'],
    ['/amd64', 'linux/amd64'],
  ])('%s is %s', (given, want) => {
    expect(normalise(plain(given))).toEqual(plain(want));
    expect(platformsEqual(plain(given), plain(want))).toBe(true);
  });

  test('twice is once', () => {
    fc.assert(
      fc.property(platform, (given) => {
        expect(normalise(normalise(given))).toEqual(normalise(given));
        expect(platformsEqual(given, normalise(given))).toBe(true);
      }),
    );
  });

  test('leaves the platform given to it as it was', () => {
    const osFeatures = Object.freeze(['b', 'a', 'b']);
    expect(normalise({ ...plain('linux/amd64'), osFeatures }).osFeatures).toEqual(['a', 'b']);
  });
});

describe('platformsEqual', () => {
  const windows = { ...plain('windows/amd64'), osVersion: '10.0.20348' };
  test.each([
    ['os', { ...windows, os: 'linux' }],
    ['architecture', { ...windows, architecture: 'arm64' }],
    ['variant', { ...windows, variant: 'v2' }],
    ['version', { ...windows, osVersion: '10.0.17763' }],
    ['features', { ...windows, osFeatures: ['win32k'] }],
  ])('another %s is another platform', (_, other) => {
    expect(platformsEqual(windows, other)).toBe(false);
    expect(platformsEqual(other, windows)).toBe(false);
  });

  test('the order of features says nothing, their names do', () => {
    const withFeatures = (...osFeatures: string[]) => ({ ...windows, osFeatures });
    expect(platformsEqual(withFeatures('a', 'b'), withFeatures('b', 'a'))).toBe(true);
    expect(platformsEqual(withFeatures('a', 'b'), withFeatures('a', 'c'))).toBe(false);
  });
});

describe('format', () => {
  test.each([
    ['empty parts leave no slash', plain('linux'), 'linux', 'linux'],
    ['no os is unknown', plain('/amd64'), 'unknown', 'unknown'],
    [
      'version and features stand in brackets, features sorted',
      { ...plain('windows/amd64'), osVersion: '10.0', osFeatures: ['z', '', 'a'] },
      'windows/amd64',
      'windows(10.0+a+z)/amd64',
    ],
    [
      'what means something in a specifier is encoded',
      { ...plain('linux/amd64'), osVersion: '5(a)/b', osFeatures: ['c+d', '50%'] },
      'linux/amd64',
      'linux(5%28a%29%2Fb+50%25+c%2Bd)/amd64',
    ],
  ])('%s', (_, given, short, full) => {
    expect(formatPlatform(given)).toBe(short);
    expect(formatAll(given)).toBe(full);
  });
});
