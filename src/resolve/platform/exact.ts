/** One platform against one: containerd/platforms `NewMatcher`. Fallbacks to other architectures stand in `compat.ts`. */
import { normalise, normaliseArchitecture, normaliseOs } from './normalise.ts';
import { suitsOs } from './os.ts';
import type { Platform } from './platform.ts';

/** Does an image of this platform run on the host? os, architecture and variant must be equal. */
export function exact(host: Platform): (candidate: Platform) => boolean {
  const wanted = normalise(host);
  return (candidate) => {
    const { architecture, variant } = normaliseArchitecture(candidate.architecture, candidate.variant);
    return (
      architecture === wanted.architecture &&
      variant === wanted.variant &&
      normaliseOs(candidate.os) === wanted.os &&
      suitsOs(wanted, candidate)
    );
  };
}
