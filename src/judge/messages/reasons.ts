/**
 * Messages about an image, one per reason. A denial, a warning, the command line and the cluster's objects
 * all use them. Each continues after the image's name with what the image is and what to do; details follow,
 * each on its own line.
 */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { platformWords } from '../../resolve/inspection/outcome/message.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import { type Digest, shortDigest } from '../../resolve/reference/digest.ts';
import { clean, listFirst } from '../../util/text/text.ts';
import type { IgnoredLabel } from '../policy/policies.ts';
import { maxImages } from '../workload/image-use.ts';
import { formatFitting, formatMissing, formatRemedy, type MissingPlatforms } from './platforms.ts';

/** Texts by reason. Those of `not-found`, `denied` and `unavailable` come with the inspection. */
export const messages = {
  off: 'is not checked: the policy mode is off',
  neverPulled: 'is not checked: imagePullPolicy is Never, so the node must hold it already',
  imageId: 'is not checked: an image ID names what a node already holds; registries cannot be asked for it',
  noReference: (problem: string): string => `is not an image reference: ${problem}`,
  placeholder: 'is not checked: it is a placeholder that is replaced when the pod is made',
  tooManyImages: `is one of more than ${maxImages} different images in the pod, the limit of Pratique. Split the pod.`,
  noEligibleNode:
    "is not checked: no node satisfies the pod's nodeName, nodeSelector, affinity and tolerations",
  late: 'was not checked before the deadline. The check continues in the background: retry shortly.',

  presentOnNode: ({ message }: Inspection): string =>
    `is not checked: an eligible node holds it already, although it ${problemOf(message)}`,

  schema1: ({ endpoint }: Inspection): string =>
    `is a manifest of Docker schema 1, which container runtimes no longer pull. Build and push it again.${foundAt(endpoint)}`,

  artifact: ({ endpoint }: Inspection): string =>
    `is an artifact, not a container image. Use an image, or mount it as an image volume.${foundAt(endpoint)}`,

  noImageVolumes:
    'is an image volume, which no eligible node supports. Update the nodes to containerd 2.1 or CRI-O 1.31.',
  someImageVolumes:
    'is an image volume, which some eligible nodes do not support: they need containerd 2.1 or CRI-O 1.31',

  platformMissing: ({ platforms, endpoint }: Inspection, missing: MissingPlatforms): string => {
    const has = platforms.length === 0 ? 'no platform' : platformWords(platforms);
    const at = endpoint === null ? '' : ` at ${clean(endpoint)}`;
    return `fits ${formatFitting(missing)}: lacks ${formatMissing(missing)}. ${formatRemedy(missing)}\nIt has ${has}${at}`;
  },

  /** The arguments are platforms that `formatAll` has formatted. */
  affinityAdded: (missing: readonly string[], kept: readonly string[]): string =>
    `lacks ${few(missing)}: node affinity restricts the pod to ${few(kept)}`,

  /** `message` is that of the image's result; '' if there is none. */
  unpinned: (image: string, digest: Digest | null, message: string): string => {
    const remedy =
      digest === null
        ? ', and its digest cannot be resolved now. Retry shortly.'
        : `. Write ${clean(image, 512)}@${digest}`;
    return `has no digest, which the policy requires${remedy}${message === '' ? '' : `\nIt ${message}`}`;
  },

  platformsUnknown: (missing: readonly Platform[], why: string): string =>
    `may lack ${platformWords(missing)}, because its platforms could not be read: ${clean(why)}`,

  /** `message` says what a registry's refusal would mean if all secrets were known. */
  unreadableSecret: (problem: string, message: string): string =>
    `could not be checked: ${problem}, and without it the image ${message}`,

  absentSecret: (secret: string, message: string): string => {
    const [headline = '', ...details] = message.split('\n');
    const hint = `The pull secret "${secret}" does not exist in this namespace.`;
    return [`${headline.replace(/\.$/, '')}. ${hint}`, ...details].join('\n');
  },

  /** `warning` is a warning of the inspection itself. */
  doubtful: (warning: string): string => `may not be pulled by every node: ${clean(warning)}`,

  someNodesRefuse: (where: string, message: string): string =>
    `cannot be checked for ${where}: it ${problemOf(message)}`,

  earlierGone: (digest: Digest): string =>
    `was ${shortDigest(digest)} in earlier pods, which no longer exists; the tag was resolved again`,

  earlierDenied: (digest: Digest, message: string): string =>
    `was ${shortDigest(digest)} in earlier pods, which would be denied now: it ${problemOf(message)}`,

  notProved: (digest: Digest, { message }: Inspection, where: string): string =>
    `is not pinned: its tag resolves to ${shortDigest(digest)}, and by that digest it${where === '' ? '' : `, for ${where},`} ${problemOf(message)}`,

  digestsDiffer: (groups: ReadonlyMap<Digest, string>): string => {
    const each = [...groups].map(([digest, where]) => `${shortDigest(digest)} for ${where}`);
    return `is not pinned: its tag resolves to ${each.join(', ')}`;
  },

  tooOldToPin: ({ inspectedAt }: Inspection): string =>
    `is not pinned: no registry is reachable, and the cached digest from ${formatTime(inspectedAt)} is too old for a new pin`,

  ignoredLabel: ({ value, problem, mode }: IgnoredLabel): string => {
    const label = `namespace label pratique.dev/mode=${clean(value, 63)} is ignored`;
    return problem === 'unknown'
      ? `${label}: it is not enforce, warn, audit or off`
      : `${label}: policy.namespaceLabel is tightenOnly, and the mode is ${mode}`;
  },
} as const;

/** Returns the part of a message that says what the image is and what to do, without the details. */
export function headlineOf(message: string): string {
  const [headline = ''] = message.split('\n', 1);
  return headline;
}

/** Returns the part of a message that says what the image is, without what to do about it. */
function problemOf(message: string): string {
  return headlineOf(message).replace(/\.(?: .*)?$/, '');
}

/** Lists at most three platforms, because a warning has no room for more. */
function few(platforms: readonly string[]): string {
  return listFirst(
    platforms.map((platform) => clean(platform, 64)),
    3,
  );
}

function foundAt(endpoint: string | null): string {
  return endpoint === null ? '' : `\nIt is at ${clean(endpoint)}`;
}

/** Formats a time. The time of a restored entry may be any number. */
function formatTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().slice(0, 19) + 'Z';
}
