/** Normalisation of platforms to one spelling (containerd/platforms `Normalize`). Every comparison of platforms uses it. */
import type { Platform } from './platform.ts';

/** Replaces aliases, converts to lower case, shortens default variants and sorts features. An empty os means linux. */
export function normalise(platform: Platform): Platform {
  return {
    os: normaliseOs(platform.os),
    ...normaliseArchitecture(platform.architecture, platform.variant),
    osVersion: platform.osVersion,
    osFeatures: [...new Set(platform.osFeatures)].sort(),
  };
}

/** Returns true if both platforms are equal after normalisation, including the Windows build and features. */
export function platformsEqual(a: Platform, b: Platform): boolean {
  const [x, y] = [normalise(a), normalise(b)];
  return (
    x.os === y.os &&
    x.architecture === y.architecture &&
    x.variant === y.variant &&
    x.osVersion === y.osVersion &&
    x.osFeatures.length === y.osFeatures.length &&
    x.osFeatures.every((feature, index) => feature === y.osFeatures[index])
  );
}

export function normaliseOs(os: string): string {
  const lower = os.toLowerCase();
  if (lower === '') return 'linux';
  return lower === 'macos' ? 'darwin' : lower;
}

/** Returns architecture and variant. `arm` without a variant is v7; `arm64` v8 and `amd64` v1 lose the variant. */
export function normaliseArchitecture(
  architecture: string,
  variant: string,
): Pick<Platform, 'architecture' | 'variant'> {
  const lower = variant.toLowerCase();
  switch (architecture.toLowerCase()) {
    case 'i386':
      return { architecture: '386', variant: '' };
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: lower === 'v1' ? '' : lower };
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: arm64Variant(lower) };
    // Each of the two names means one variant and overrides a variant that is given.
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' };
    case 'armel':
      return { architecture: 'arm', variant: 'v6' };
    case 'arm':
      return { architecture: 'arm', variant: armVariant(lower) };
    default:
      return { architecture: architecture.toLowerCase(), variant: lower };
  }
}

function arm64Variant(variant: string): string {
  if (['8', 'v8', 'v8.0'].includes(variant)) return '';
  return ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant;
}

function armVariant(variant: string): string {
  if (variant === '') return 'v7';
  return ['5', '6', '7', '8'].includes(variant) ? `v${variant}` : variant;
}
