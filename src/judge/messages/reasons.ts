/** What is said about an image: one text per reason, the same in a denial, a warning, the CLI and the cluster's objects. Each goes on after the image's name. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { platformWords } from '../../resolve/inspection/outcome/message.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import { type Digest, shortDigest } from '../../resolve/reference/digest.ts';
import { clean } from '../../util/text/text.ts';
import { formatFitting, type MissingPlatforms, formatMissing, formatRemedy } from './platforms.ts';

/** Texts by reason; those of `not-found`, `denied` and `unavailable` come with the inspection. */
export const messages = {
  off: 'is not checked: Pratique is off here',
  neverPulled: 'is not checked: imagePullPolicy is Never, so it has to be on the node already',
  imageId:
    'is not checked: an image ID names what a node already holds, nothing that a registry could be asked for',
  noReference: (problem: string): string => `is no image reference: ${problem}`,
  noEligibleNode:
    'is not checked: no node matches what the pod asks for (node name, selector, affinity, tolerations)',
  late: 'could not be checked in time; it goes on in the background, try again shortly',

  presentOnNode: ({ message }: Inspection): string =>
    `is not checked, as a node that the pod can land on holds it already, although it ${message}`,

  schema1: ({ endpoint }: Inspection): string =>
    `is a manifest of Docker schema 1${from(endpoint)}, which current container runtimes cannot pull; build and push it again`,

  artifact: ({ endpoint }: Inspection): string =>
    `is an artifact${from(endpoint)}, not a container image; name an image, or mount it as an image volume`,

  platformMissing: ({ platforms, endpoint }: Inspection, lack: MissingPlatforms): string =>
    `fits ${formatFitting(lack)}: lacks ${formatMissing(lack)}; has ${platforms.length === 0 ? 'none' : platformWords(platforms)}${from(endpoint)}. ` +
    formatRemedy(lack),

  /** Platforms as `formatAll` writes them. */
  keptOff: (missing: readonly string[], kept: readonly string[]): string =>
    `lacks ${few(missing)}: node affinity keeps the pod to ${few(kept)}`,

  unpinned: (image: string, digest: Digest | null): string =>
    digest === null
      ? 'is not pinned to a digest, as is required here; its digest is not known at present'
      : `is not pinned, as is required here; write ${clean(image, 512)}@${digest}`,

  platformsUnknown: ({ warnings }: Inspection, missing: readonly Platform[]): string => {
    const why = warnings.find(({ code }) => code === 'PlatformUnknown')?.message ?? '';
    return `may lack ${platformWords(missing)}, which cannot be told: ${clean(why)}`;
  },

  earlierGone: (digest: Digest): string =>
    `was ${shortDigest(digest)} for earlier pods, which is gone; the tag was resolved anew`,

  notProved: (digest: Digest, { message }: Inspection, where: string): string =>
    `is not pinned: its tag means ${shortDigest(digest)}, and by that digest it${where === '' ? '' : `, for ${where},`} ${message}`,

  digestsDiffer: (meanings: ReadonlyMap<Digest, string>): string => {
    const each = [...meanings].map(([digest, where]) => `${shortDigest(digest)} for ${where}`);
    return `is not pinned: its tag means ${each.join(', ')}`;
  },

  tooOldToPin: ({ inspectedAt }: Inspection): string =>
    `is not pinned: no registry answers, and what was seen at ${instant(inspectedAt)} is no ground for a new pin`,
} as const;

/** At most three, as it is for a warning. */
function few(platforms: readonly string[]): string {
  const more = platforms.length > 3 ? `, +${platforms.length - 3}` : '';
  return (
    platforms
      .slice(0, 3)
      .map((platform) => clean(platform, 64))
      .join(', ') + more
  );
}

function from(endpoint: string | null): string {
  return endpoint === null ? '' : ` at ${clean(endpoint)}`;
}

/** The clock of a restored entry may be anything. */
function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().slice(0, 19) + 'Z';
}
