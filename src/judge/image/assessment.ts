/**
 * Assessment of one image for the nodes of one group: its result and on how many nodes it runs. Decisions and
 * pins are made later.
 */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import type { InvalidReference } from '../../resolve/reference/error.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { PodContext } from '../cluster-context.ts';
import { messages } from '../messages/reasons.ts';
import { type EligiblePlatform, type Fit, fitting, platformsOf } from '../nodes/fit.ts';
import type { EligibleGroup, NodeGroup } from '../nodes/group.ts';
import type { Policy } from '../policy/schema.ts';
import type { Result } from '../results.ts';
import type { ImageUse } from '../workload/image-use.ts';
import { isPlaceholder } from '../workload/placeholder.ts';
import type { Workload } from '../workload/workload.ts';

export interface Assessment {
  readonly result: Result;
  readonly reason: string | null;
  /**
   * Share of the eligible nodes on which the image runs; always `all` unless the result is
   * `platform-missing`.
   */
  readonly fit: Fit;
  /** Eligible platforms that the image lacks; empty unless the result is `platform-missing`. */
  readonly lacking: readonly EligiblePlatform[];
  /** All eligible platforms that the image was compared with. */
  readonly among: readonly EligiblePlatform[];
  /** Explanation in one line that continues after the image's name; '' if there is nothing to explain. */
  readonly message: string;
  /** Names of the node groups that the assessment concerns; '' if it does not depend on the group. */
  readonly where: string;
  /** Remarks that do not affect the decision and deserve a warning. */
  readonly notes: readonly string[];
}

/** Image of a workload with its policy. */
export interface ImageInContext {
  readonly use: ImageUse;
  readonly reference: Reference;
  readonly policy: Policy;
  /** True for a DaemonSet's template, which creates one pod for every eligible node. */
  readonly isPerNode?: boolean;
}

/** Returns an assessment that does not depend on platforms. */
export function assessmentOf(
  result: Result,
  reason: string | null,
  message: string,
  notes: readonly string[] = [],
): Assessment {
  return { result, reason, fit: 'all', lacking: [], among: [], message, where: '', notes };
}

/** Assesses an image text that is not a reference. */
export function invalidReference({ code, problem }: InvalidReference): Assessment {
  // An image ID names an image that a node already has; a registry cannot look it up.
  if (code === 'ImageId') return assessmentOf('not-checked', 'ImageId', messages.imageId);
  return assessmentOf('invalid', code, messages.noReference(problem));
}

/**
 * Assesses an image whose text must not be parsed, and returns null for any other image. `isFinal`:
 * placeholders are not replaced any more.
 */
export function assessUnparsed(use: ImageUse, workload: Workload, isFinal: boolean): Assessment | null {
  if (workload.hasTooManyImages) return assessmentOf('invalid', 'TooManyImages', messages.tooManyImages);
  if ((workload.template || !isFinal) && isPlaceholder(use, workload)) {
    return assessmentOf('not-checked', 'Placeholder', messages.placeholder);
  }
  return null;
}

/** Assesses an image for which no registry is queried, and returns null if one must be queried. */
export function exemptFromCheck(
  use: ImageUse,
  policy: Policy,
  { eligibleGroups }: Pick<PodContext, 'eligibleGroups'>,
): Assessment | null {
  if (policy.mode === 'off') return assessmentOf('not-checked', 'PolicyOff', messages.off);
  if (use.pullPolicy === 'Never') return assessmentOf('not-checked', 'PullPolicyNever', messages.neverPulled);
  if (eligibleGroups.length === 0) {
    const message = messages.noEligibleNode;
    return assessmentOf('not-checked', 'NoEligibleNode', message, [message]);
  }
  if (use.kind === 'volume' && imageVolumeSupport(eligibleGroups) === 'none') {
    return assessmentOf('invalid', 'NoImageVolumes', messages.noImageVolumes);
  }
  return null;
}

/**
 * Returns whether all, some or none of the eligible nodes mount images as volumes. A node of which that is
 * unknown counts as one that does.
 */
export function imageVolumeSupport(eligibleGroups: readonly EligibleGroup[]): Fit {
  const supports = new Set(eligibleGroups.flatMap(volumeSupportIn));
  return supports.has(true) ? (supports.has(false) ? 'some' : 'all') : 'none';
}

/**
 * Nodes report their runtime. Without nodes, the runtime profiles of the group's mirror configuration decide
 * if they agree.
 */
function volumeSupportIn({ group, eligible }: EligibleGroup): readonly boolean[] {
  const profiles = group.mirrors.profiles.map(({ imageVolumes }) => imageVolumes !== false);
  const byGroup = profiles.length === 0 || profiles.includes(true);
  if (eligible === null) return [byGroup];
  return eligible.map(({ imageVolumes = byGroup }) => imageVolumes);
}

/**
 * Assesses an image that the runtime of a group's nodes rejects as written, without querying a registry.
 * Returns null for any other image.
 */
export function rejectedByRuntime(image: string, { mirrors }: NodeGroup): Assessment | null {
  const refusal = mirrors.refuse?.(image);
  return refusal ? assessmentOf('invalid', refusal.reason, refusal.message) : null;
}

/** Assesses an inspected image for the nodes of one group. */
export function assess(
  inspection: Inspection,
  image: ImageInContext,
  eligible: EligibleGroup['eligible'],
  { isOnNode }: Pick<PodContext, 'isOnNode'>,
): Assessment {
  const { result, reason, message } = inspection;
  if (result === 'available') return assessPlatforms(inspection, image, eligible);
  const { use, reference } = image;
  if (result !== 'denied' && use.pullPolicy === 'IfNotPresent' && isOnNode(reference)) {
    const note = messages.presentOnNode(inspection);
    return assessmentOf('not-checked', 'PresentOnNode', note, [note]);
  }
  return assessmentOf(result, reason, message);
}

function assessPlatforms(
  inspection: Inspection,
  { use, policy, isPerNode = false }: ImageInContext,
  eligible: EligibleGroup['eligible'],
): Assessment {
  const { kind, platforms, platformsComplete } = inspection;
  if (kind === 'schema1') return assessmentOf('invalid', 'Schema1', messages.schema1(inspection));
  const available = assessmentOf('available', null, '', doubtsIn(inspection));
  if (use.kind === 'volume') {
    // A volume uses only files, so that a single manifest of any platform, or of none, is pulled and mounted.
    if (kind !== 'index') return available;
  } else if (kind === 'artifact') return assessmentOf('invalid', 'Artifact', messages.artifact(inspection));
  if (eligible === null || policy.platforms === 'off') return available;
  const { fit, lacking } = fitting(platforms, eligible, policy.platformMatching);
  if (fit === 'all') return available;
  // A platform that is not in an incomplete list is unknown, not missing.
  if (!platformsComplete) return withDoubt(available, inspection, lacking);
  const missing = { lacking, among: eligible, isPerNode };
  return {
    ...assessmentOf('platform-missing', null, messages.platformMissing(inspection, missing)),
    fit,
    lacking,
    among: eligible,
  };
}

/**
 * Adds a note to the assessment of an image that may lack platforms. An inspection without a reason means
 * that the image has no platform of its own, such as an operator bundle, whose files are copied.
 */
function withDoubt(
  available: Assessment,
  { warnings }: Inspection,
  lacking: readonly EligiblePlatform[],
): Assessment {
  const warning = warnings.find(({ code }) => code === 'PlatformUnknown');
  if (!warning) return available;
  const message = messages.platformsUnknown(platformsOf(lacking), warning.message);
  return { ...available, message, notes: [message, ...available.notes] };
}

// Codes of warnings that concern this pull, not the mirror configuration as a whole.
const doubtCodes: ReadonlySet<string> = new Set(['NodesRefuse', 'NodeCredentials']);

function doubtsIn({ warnings }: Inspection): readonly string[] {
  return warnings.filter(({ code }) => doubtCodes.has(code)).map(({ message }) => messages.doubtful(message));
}
