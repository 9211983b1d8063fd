/** Eligible platforms without a cluster: those that the configuration requires. */
import { matcherFor } from '../../resolve/platform/matcher.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import type { EligiblePlatform } from './fit.ts';

/** null when nothing is required: any platform will do. */
export function configuredPlatforms(required: readonly Platform[]): readonly EligiblePlatform[] | null {
  return required.length === 0 ? null : required.map(eligible);
}

function eligible(platform: Platform): EligiblePlatform {
  // Without nodes there is no runtime to ask: `auto` is strict, as containerd is since 2.1.
  const strict = matcherFor(platform, 'strict');
  const compat = matcherFor(platform, 'compat');
  return {
    platform,
    accepts: (candidate, match) => (match === 'compat' ? compat : strict).match(candidate),
  };
}
