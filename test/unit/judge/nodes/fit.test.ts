import { describe, expect, test } from '@jest/globals';
import { configuredPlatforms } from '../../../../src/judge/nodes/placement/static-placement.ts';
import { type Fit, fitting, platformsOf } from '../../../../src/judge/nodes/fit.ts';
import { formatAll } from '../../../../src/resolve/platform/format.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';

const parse = (...specifiers: string[]) => specifiers.map((specifier) => parsePlatform(specifier));

describe('fitting', () => {
  test.each<[string[], string[], 'auto' | 'strict' | 'compat', Fit, string[]]>([
    [['linux/amd64', 'linux/arm64'], ['linux/amd64', 'linux/arm64'], 'auto', 'all', []],
    [['linux/amd64'], ['linux/amd64', 'linux/arm64'], 'auto', 'some', ['linux/arm64']],
    [['linux/s390x'], ['linux/amd64', 'linux/arm64'], 'auto', 'none', ['linux/amd64', 'linux/arm64']],
    [['linux/386'], ['linux/amd64'], 'auto', 'none', ['linux/amd64']],
    [['linux/386'], ['linux/amd64'], 'strict', 'none', ['linux/amd64']],
    [['linux/386'], ['linux/amd64'], 'compat', 'all', []],
  ])('%j for nodes of %j, %s: %s', (platforms, nodes, match, fit, missing) => {
    const eligible = configuredPlatforms(parse(...nodes)) ?? [];
    const found = fitting(parse(...platforms), eligible, match);
    expect([found.fit, platformsOf(found.lacking).map(formatAll)]).toEqual([fit, missing]);
  });

  test('no required platforms mean that any platform is accepted', () => {
    expect(configuredPlatforms([])).toBeNull();
  });
});
