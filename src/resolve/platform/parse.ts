/** Parser of specifiers such as `linux/arm64`, `arm64` or `windows(10.0.20348)/amd64` (containerd/platforms `Parse`). */
import { clean } from '../../util/text/text.ts';
import { normaliseArchitecture, normaliseOs } from './normalise.ts';
import type { Platform } from './platform.ts';

/**
 * `Wildcard`; `Format`: the text is not a specifier; `Unknown`: a single word that is neither an operating system nor an
 * architecture.
 */
export type InvalidPlatformCode = 'Wildcard' | 'Format' | 'Unknown';

export class InvalidPlatform extends Error {
  override readonly name = 'InvalidPlatform';
  readonly code: InvalidPlatformCode;
  /** `specifier` is the text as given; the constructor sanitizes it. */
  constructor(code: InvalidPlatformCode, specifier: string, problem: string, options?: ErrorOptions) {
    super(`invalid platform "${clean(specifier)}": ${problem}`, options);
    this.code = code;
  }
}

const osPart = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;
const otherPart = /^[A-Za-z0-9_.-]+$/;
// Go's syslist, as in database.go of containerd/platforms.
const knownOs = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
);
const knownArchitectures = new Set(
  (
    '386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 ' +
    'mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm'
  ).split(' '),
);
const linuxAmd64: Platform = {
  os: 'linux',
  architecture: 'amd64',
  variant: '',
  osVersion: '',
  osFeatures: [],
};

/**
 * Parses a specifier. `local` supplies what a single word leaves open. The result is not fully normalised. Throws
 * `InvalidPlatform`.
 */
export function parsePlatform(specifier: string, local: Platform = linuxAmd64): Platform {
  if (specifier.includes('*')) {
    throw new InvalidPlatform('Wildcard', specifier, 'wildcards are not supported; name one platform');
  }
  const [first = '', architecture, variant, ...rest] = specifier.split('/', 4);
  const os = parseOs(first, specifier);
  const others = [architecture, variant].filter((part) => part !== undefined);
  if (rest.length > 0 || !others.every((part) => otherPart.test(part))) throw malformed(specifier);
  if (architecture === undefined) return fromOneWord(first, os, specifier, local);
  return { ...os, ...written(architecture, variant) };
}

type Os = Pick<Platform, 'os' | 'osVersion' | 'osFeatures'>;

function parseOs(part: string, specifier: string): Os {
  const match = osPart.exec(part);
  if (!match) throw malformed(specifier);
  const [, os = '', version = '', features = ''] = match;
  return {
    os: normaliseOs(os),
    osVersion: decoded(version, specifier),
    osFeatures: features
      .split('+')
      .slice(1)
      .map((feature) => decoded(feature, specifier)),
  };
}

function fromOneWord(word: string, os: Os, specifier: string, local: Platform): Platform {
  if (knownOs.has(os.os)) {
    const variant = local.architecture === 'arm' && local.variant !== 'v7' ? local.variant : '';
    return { ...os, architecture: local.architecture, variant };
  }
  const architecture = written(word);
  if (!knownArchitectures.has(architecture.architecture)) {
    const problem =
      'neither a known operating system nor a known architecture; write os/arch, such as linux/arm64';
    throw new InvalidPlatform('Unknown', specifier, problem);
  }
  return { ...os, os: local.os, ...architecture };
}

/**
 * Returns the parts as containerd/platforms does, which keeps the written form: `arm` does not become v7, and `arm64/v8` keeps
 * its v8.
 */
function written(architecture: string, variant?: string): Pick<Platform, 'architecture' | 'variant'> {
  const normal = normaliseArchitecture(architecture, variant ?? '');
  if (variant === undefined && normal.architecture === 'arm' && normal.variant === 'v7')
    return { ...normal, variant: '' };
  if (variant !== undefined && normal.architecture === 'arm64' && normal.variant === '')
    return { ...normal, variant: 'v8' };
  return normal;
}

function decoded(option: string, specifier: string): string {
  try {
    return decodeURIComponent(option);
  } catch (cause) {
    const problem = `"${clean(option)}" has a % that no two hexadecimal digits follow; write %25 for a percent sign`;
    throw new InvalidPlatform('Format', specifier, problem, { cause });
  }
}

function malformed(specifier: string): InvalidPlatform {
  const problem = 'write os/arch or os/arch/variant, such as linux/arm64 or windows(10.0.20348)/amd64';
  return new InvalidPlatform('Format', specifier, problem);
}
