import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { formatAll } from '../../../../src/resolve/platform/format.ts';
import { normalise, platformsEqual } from '../../../../src/resolve/platform/normalise.ts';
import {
  InvalidPlatform,
  type InvalidPlatformCode,
  parsePlatform,
} from '../../../../src/resolve/platform/parse.ts';
import { anyText } from '../../../kit/fakes/any-text.ts';
import { plain, platform } from './arbitraries.ts';

describe('parsePlatform', () => {
  test.each([
    ['os and architecture', 'linux/arm64', plain('linux/arm64')],
    ['a variant', 'linux/arm/v6', plain('linux/arm/v6')],
    ['names that people use', 'macOS/x86_64', plain('darwin/amd64')],
    ['an architecture alone takes the local os', 'arm64', plain('linux/arm64')],
    ['an os alone takes the local architecture', 'windows', plain('windows/amd64')],
    ['arm means v7 without saying so', 'linux/armhf', plain('linux/arm')],
    ['an unknown os and architecture', 'foo/bar/baz', plain('foo/bar/baz')],
    ['a version', 'windows(10.0.20348)/amd64', { ...plain('windows/amd64'), osVersion: '10.0.20348' }],
    ['features', 'linux(+b+a%2Bc)/amd64', { ...plain('linux/amd64'), osFeatures: ['b', 'a+c'] }],
  ])('%s', (_, specifier, want) => {
    expect(parsePlatform(specifier)).toEqual(want);
  });

  test.each([
    ['arm64', plain('windows/amd64'), plain('windows/arm64')],
    ['linux', plain('linux/arm/v6'), plain('linux/arm/v6')],
    ['linux', plain('linux/arm/v7'), plain('linux/arm')],
  ])('%s where the local platform is another', (specifier, local, want) => {
    expect(parsePlatform(specifier, local)).toEqual(want);
  });

  test.each<[string, string, InvalidPlatformCode]>([
    ['nothing', '', 'Format'],
    ['a wildcard', 'linux/*', 'Wildcard'],
    ['an unknown word', 'bogus', 'Unknown'],
    ['a trailing newline', 'linux/amd64\n', 'Format'],
    ['a trailing newline after the os', 'linux\n', 'Format'],
    ['an empty part', 'linux//v8', 'Format'],
    ['a fourth part', 'linux/arm64/v8/x', 'Format'],
    ['a comma', 'linux/amd64,linux/arm64', 'Format'],
    ['an open bracket', 'windows(10.0', 'Format'],
    ['a percent sign that encodes nothing', 'windows(50%zz)/amd64', 'Format'],
    ['bytes that are not UTF-8', 'windows(%ff)/amd64', 'Format'],
    ['a name that every object has', 'constructor', 'Unknown'],
  ])('refuses %s', (_, specifier, code) => {
    expect(() => parsePlatform(specifier)).toThrow(InvalidPlatform);
    expect(() => parsePlatform(specifier)).toThrow(expect.objectContaining({ code }));
  });

  test('a refusal shows how to write it, no controls, and stays short', () => {
    const read = (): unknown => parsePlatform(`\u001b${'x'.repeat(1_000_000)}`);
    expect(read).toThrow(/linux\/arm64/);
    expect(read).toThrow(/^[^\u001b]{1,600}$/);
  });

  test('reads back what formatAll writes', () => {
    fc.assert(
      fc.property(platform, (given) => {
        // What has no os, no architecture or a variant of odd characters has no specifier.
        fc.pre(given.os !== '' && given.architecture !== '' && /^[\w.-]*$/.test(given.variant));
        const features = given.osFeatures.filter((feature) => feature !== '');
        const back = parsePlatform(formatAll(given));
        expect(platformsEqual(back, { ...given, osFeatures: features })).toBe(true);
      }),
    );
  });

  test('any text is a platform or refused with the one error', () => {
    const text = fc.oneof(
      anyText({ maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...'linuxarm64/()+%.\n*v8'.split('')), maxLength: 30 }),
    );
    fc.assert(
      fc.property(text, (specifier) => {
        try {
          normalise(parsePlatform(specifier));
        } catch (error) {
          if (!(error instanceof InvalidPlatform)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
