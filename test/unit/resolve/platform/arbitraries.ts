/** Platforms as images and nodes have them, with the odd spellings. */
import * as fc from 'fast-check';
import type { Platform } from '../../../../src/resolve/platform/platform.ts';

const architecture = fc.oneof(
  fc.constantFrom('amd64', 'x86_64', 'X86-64', '386', 'i386', 'arm', 'armhf', 'armel', 'arm64', 'AArch64'),
  fc.constantFrom('ppc64le', 's390x', 'riscv64', 'wasm', 'unknown', ''),
);
const variant = fc.oneof(
  fc.constantFrom(
    '',
    'v1',
    'V2',
    'v3',
    '5',
    'v6',
    '7',
    'v8',
    '8',
    'v8.0',
    'v8.5',
    'v9',
    '9.0',
    'v9.2',
    'v9.9',
  ),
  fc.string({ maxLength: 4 }),
);
const osVersion = fc.constantFrom('', '10.0.17763.1', '10.0.20348.2227', '10.0.26100', '10.0', '6.1', 'odd');
const osFeatures = fc.array(fc.constantFrom('win32k', 'gpu', 'a+b', '50%', ''), { maxLength: 3 });

export const platform: fc.Arbitrary<Platform> = fc.record({
  os: fc.constantFrom('linux', 'Linux', 'windows', 'darwin', 'macOS', 'freebsd', 'unknown', ''),
  architecture,
  variant,
  osVersion,
  osFeatures,
});

/** `linux/arm64/v9` and the like, without version and features. */
export function plain(specifier: string): Platform {
  const [os = '', architecture = '', variant = ''] = specifier.split('/');
  return { os, architecture, variant, osVersion: '', osFeatures: [] };
}
