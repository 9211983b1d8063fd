/** Eligible platforms without a cluster: those that the configuration requires. */
import type { Platform } from '../../../resolve/platform/platform.ts';
import { type EligiblePlatform, eligiblePlatform } from '../fit.ts';

/** null when nothing is required: any platform will do. */
export function configuredPlatforms(required: readonly Platform[]): readonly EligiblePlatform[] | null {
  // Without nodes there is no runtime to ask: `auto` is strict, as containerd is since 2.1.
  return required.length === 0 ? null : required.map((platform) => eligiblePlatform(platform, 'strict'));
}
