import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { matcherFor } from '../../../../src/resolve/platform/matcher.ts';
import { normalise } from '../../../../src/resolve/platform/normalise.ts';
import type { Platform } from '../../../../src/resolve/platform/platform.ts';
import { plain, platform } from './arbitraries.ts';

const how = fc.constantFrom('strict', 'compat');

function sorted(platforms: readonly Platform[], host: Platform): Platform[] {
  const { less } = matcherFor(host, 'compat');
  return platforms.toSorted((a, b) => Number(less(b, a)) - Number(less(a, b)));
}

function windows(osVersion: string): Platform {
  return { ...plain('windows/amd64'), osVersion };
}

describe('matcherFor', () => {
  test.each([
    ['the same', 'linux/amd64', 'linux/amd64', true, true],
    ['another spelling of the same', 'linux/arm64', 'linux/aarch64/v8', true, true],
    ['another os', 'linux/amd64', 'windows/amd64', false, false],
    ['another architecture', 'linux/amd64', 'linux/arm64', false, false],
    ['an attestation', 'linux/amd64', 'unknown/unknown', false, false],
    ['32 bits on arm64', 'linux/arm64', 'linux/arm/v7', false, true],
    ['the oldest arm on arm64', 'linux/arm64', 'linux/arm/v5', false, true],
    ['an arm too old for any', 'linux/arm64', 'linux/arm/v4', false, false],
    ['64 bits on arm', 'linux/arm/v7', 'linux/arm64', false, false],
    ['an older arm on a newer', 'linux/arm/v7', 'linux/arm/v6', false, true],
    ['a newer arm on an older', 'linux/arm/v6', 'linux/arm/v7', false, false],
    ['32 bits on amd64', 'linux/amd64', 'linux/386', false, true],
    ['amd64 on 386', 'linux/386', 'linux/amd64', false, false],
    ['a level that the host does not promise', 'linux/amd64', 'linux/amd64/v3', false, false],
    ['a lower level', 'linux/amd64/v3', 'linux/amd64/v2', false, true],
    ['no level at all', 'linux/amd64/v3', 'linux/amd64', false, true],
    ['v8.5 on v9, which includes it', 'linux/arm64/v9', 'linux/arm64/v8.5', false, true],
    ['v8.6 on v9, which does not', 'linux/arm64/v9', 'linux/arm64/v8.6', false, false],
    ['the last of v8 on a late v9', 'linux/arm64/v9.6', 'linux/arm64/v8.9', false, true],
    ['v9 on v8.9', 'linux/arm64/v8.9', 'linux/arm64/v9', false, false],
    ['an unknown variant, on itself', 'linux/arm64/x', 'linux/arm64/x', true, true],
    ['32 bits on an unknown variant', 'linux/arm64/x', 'linux/arm/v7', false, false],
    ['a variant of riscv64', 'linux/riscv64', 'linux/riscv64/rva22u64', false, false],
  ])('%s', (_, host, candidate, strict, compat) => {
    expect(matcherFor(plain(host), 'strict').match(plain(candidate))).toBe(strict);
    expect(matcherFor(plain(host), 'compat').match(plain(candidate))).toBe(compat);
  });

  test.each([
    ['2019 runs its own build', '10.0.17763.5329', '10.0.17763.1', true],
    ['2019 runs no later one', '10.0.17763', '10.0.20348', false],
    ['2022 runs no earlier one', '10.0.20348', '10.0.17763', false],
    ['2025 runs 2022', '10.0.26100', '10.0.20348.2227', true],
    ['2025 runs what lies between', '10.0.26100', '10.0.25398', true],
    ['2025 runs no later one', '10.0.26100', '10.0.26101', false],
    ['what comes after 2025 runs 2025', '10.0.27000', '10.0.26100', true],
    ['what comes after 2025 does not run 2022', '10.0.27000', '10.0.20348', false],
    ['another major version', '10.0.20348', '6.3.20348', false],
    ['another minor version', '10.0.20348', '10.1.20348', false],
    ['a node that does not tell its build', '', '10.0.20348', true],
    ['an image that does not tell its build', '10.0.20348', '', true],
    ['an image whose build cannot be read', '10.0.20348', '10.0', false],
    ['a build beyond 16 bits', '10.0.20348', '10.0.85884', false],
  ])('Windows: %s', (_, host, candidate, want) => {
    expect(matcherFor(windows(host), 'strict').match(windows(candidate))).toBe(want);
    expect(matcherFor(windows(host), 'compat').match(windows(candidate))).toBe(want);
  });

  test('the version of another system says nothing', () => {
    const kernel = (osVersion: string): Platform => ({ ...plain('linux/amd64'), osVersion });
    expect(matcherFor(kernel('5.10'), 'strict').match(kernel('6.1'))).toBe(true);
  });

  test.each([
    ['one that the host has', ['gpu', 'simd'], ['simd'], true],
    ['none', ['gpu'], [], true],
    ['one that the host lacks', ['gpu'], ['gpu', 'simd'], false],
    ['win32k, which counts on Windows only', [], ['win32k'], false],
  ])('features: %s', (_, host, candidate, want) => {
    const withFeatures = (osFeatures: readonly string[]): Platform => ({
      ...plain('linux/amd64'),
      osFeatures,
    });
    expect(matcherFor(withFeatures(host), 'strict').match(withFeatures(candidate))).toBe(want);
  });

  test('win32k is left out of account on Windows', () => {
    const image = { ...windows('10.0.20348'), osFeatures: ['win32k'] };
    expect(matcherFor(windows('10.0.20348'), 'strict').match(image)).toBe(true);
    expect(matcherFor(windows('10.0.20348'), 'strict').match({ ...image, osFeatures: ['x'] })).toBe(false);
  });

  test('the closest comes first, then the rest as they stood', () => {
    const given = ['windows/arm64', 'linux/arm/v6', 'linux/amd64', 'linux/arm/v7', 'linux/arm64'];
    const want = ['linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'windows/arm64', 'linux/amd64'];
    expect(sorted(given.map(plain), plain('linux/arm64'))).toEqual(want.map(plain));
  });

  test('of two that suit alike the one with more features comes first', () => {
    const host = { ...plain('linux/amd64'), osFeatures: ['a', 'b'] };
    const given = [[], ['b'], ['a', 'b']].map((osFeatures) => ({ ...host, osFeatures }));
    expect(sorted(given, host)).toEqual(given.toReversed());
  });

  test('every platform suits itself, however it is spelt', () => {
    fc.assert(
      fc.property(platform, how, (given, how) => {
        expect(matcherFor(given, how).match(normalise(given))).toBe(true);
        expect(matcherFor(normalise(given), how).match(given)).toBe(true);
      }),
    );
  });

  test('what is strictly the same is compatible', () => {
    fc.assert(
      fc.property(platform, platform, (host, candidate) => {
        if (!matcherFor(host, 'strict').match(candidate)) return;
        expect(matcherFor(host, 'compat').match(candidate)).toBe(true);
      }),
    );
  });

  test('whatever is sorted, nothing is lost and no two are each before the other', () => {
    fc.assert(
      fc.property(platform, fc.array(platform, { maxLength: 8 }), how, (host, candidates, how) => {
        const { less } = matcherFor(host, how);
        const order = sorted(candidates, host);
        expect(new Set(order)).toEqual(new Set(candidates));
        for (const a of candidates) {
          for (const b of candidates) expect(less(a, b) && less(b, a)).toBe(false);
        }
      }),
    );
  });

  test('what matches is preferred to what does not', () => {
    fc.assert(
      fc.property(platform, platform, platform, how, (host, a, b, how) => {
        const { match, less } = matcherFor(host, how);
        if (match(a) && !match(b)) expect(less(a, b)).toBe(true);
      }),
    );
  });

  test('a variant with an absurd number makes no long list', () => {
    const { match } = matcherFor(plain('linux/amd64/v999999999'), 'compat');
    expect(match(plain('linux/amd64/v999999999'))).toBe(true);
    expect(match(plain('linux/amd64/v2'))).toBe(false);
  });
});

describe("CRI-O's matcher", () => {
  test.each<[string, string, boolean]>([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/amd64/v2', false],
    ['linux/amd64', 'linux/386', false],
    ['linux/arm64', 'linux/arm64', true],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64', 'linux/arm64/v9', false],
    ['linux/arm64', 'linux/arm/v7', false],
    ['linux/arm/v7', 'linux/arm/v6', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/s390x', 'linux/s390x', true],
    ['linux/s390x', 'linux/ppc64le', false],
  ])('on %s takes %s: %s', (host, candidate, wanted) => {
    expect(matcherFor(plain(host), 'crio').match(plain(candidate))).toBe(wanted);
  });

  test('prefers the own variant, then lower ones, then none', () => {
    const { less } = matcherFor(plain('linux/arm/v7'), 'crio');
    const [v7, v6, none] = ['linux/arm/v7', 'linux/arm/v6', 'linux/arm'].map(plain);
    if (!v7 || !v6 || !none) throw new Error('three platforms');
    expect([less(v7, v6), less(v6, v7), less(v6, { ...none, variant: '' })]).toEqual([true, false, true]);
  });
});

test.each([
  ['linux/amd64/v3', true],
  ['linux/386', true],
  ['linux/arm64', false],
])(
  "dockerd on amd64 takes %s: %s, because a node does not tell its processor's level",
  (candidate, wanted) => {
    expect(matcherFor(plain('linux/amd64'), 'dockerd').match(plain(candidate))).toBe(wanted);
  },
);
