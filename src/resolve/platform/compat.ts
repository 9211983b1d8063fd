/** Platforms that a processor can run besides its own, best first (containerd/platforms `platformVector`). */
import { normalise } from './normalise.ts';
import type { Platform } from './platform.ts';

/** Returns the host itself, then lower variants, then the 32-bit architecture. */
export function fallbacks(host: Platform): readonly Platform[] {
  const own = normalise(host);
  const lower = (architecture: string, variants: readonly string[]): Platform[] =>
    variants.map((variant) => ({ ...own, architecture, variant }));
  switch (own.architecture) {
    case 'amd64':
      return [own, ...lower('amd64', below(own.variant, 1)), ...lower('386', [''])];
    case 'arm':
      return [own, ...lower('arm', below(own.variant, 5))];
    case 'arm64': {
      const variants = arm64Below(own.variant);
      // Every v8 and v9 processor runs arm/v8. Nothing is known about other variants.
      return variants === null
        ? [own]
        : [own, ...lower('arm64', variants), ...lower('arm', ['v8', 'v7', 'v6', 'v5'])];
    }
    default:
      return [own];
  }
}

/**
 * Returns the lower variants: `v2`, `v1` for `v3` and a floor of 1. Only two digits are accepted, so that the list stays
 * short.
 */
function below(variant: string, floor: number): string[] {
  const level = Number(/^v?(\d{1,2})$/.exec(variant)?.[1] ?? floor);
  return countdown(level - 1, floor).map((each) => `v${each}`);
}

/**
 * Returns the lower variants of arm64; null for a variant that is neither v8 nor v9. v9.x includes v8.(x+5), up to v8.9, the
 * last of v8.
 */
function arm64Below(variant: string): string[] | null {
  const match = /^v([89])(?:\.(\d))?$/.exec(variant === '' ? 'v8' : variant);
  if (!match) return null;
  const minor = Number(match[2] ?? 0);
  if (match[1] === '8') return minors(8, minor - 1);
  return [...minors(9, minor - 1), ...minors(8, Math.min(minor + 5, 9))];
}

function minors(major: number, from: number): string[] {
  return countdown(from, 0).map((minor) => (minor === 0 ? `v${major}` : `v${major}.${minor}`));
}

/** Returns `from`, `from - 1`, … `to`; [] if `from` is below `to`. */
function countdown(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, index) => from - index);
}
