/** From an inspection to the result of one image, measured against the nodes it is for. Decisions and pins come after. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import type { InvalidReference } from '../../resolve/reference/error.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import { messages } from '../messages/reasons.ts';
import { type EligiblePlatform, type Fit, fitting, platformsOf } from '../nodes/fit.ts';
import type { EligibleGroup, NodeGroup } from '../nodes/group.ts';
import type { Policy } from '../policy/schema.ts';
import type { PodContext } from '../cluster-context.ts';
import type { Result } from '../results.ts';
import type { ImageUse } from '../workload/image-use.ts';

export interface Assessment {
  readonly result: Result;
  readonly reason: string | null;
  /** Meant for `platform-missing`; else `all`. */
  readonly fit: Fit;
  /** The nodes that it lacks, and among which; of anything but `platform-missing` none. */
  readonly lacking: readonly EligiblePlatform[];
  readonly among: readonly EligiblePlatform[];
  /** One line that goes on after the image's name; '' for `available`. */
  readonly message: string;
  /** The groups of nodes that it is about; '' where nodes are not told apart. */
  readonly where: string;
  /** Worth a warning although it decides nothing. */
  readonly notable: boolean;
}

/** An image in its place. */
export interface ImageInContext {
  readonly use: ImageUse;
  readonly reference: Reference;
  readonly policy: Policy;
}

/** A finding that platforms have nothing to do with. */
export function assessmentOf(
  result: Result,
  reason: string | null,
  message: string,
  notable = false,
): Assessment {
  return { result, reason, fit: 'all', lacking: [], among: [], message, where: '', notable };
}

const available = assessmentOf('available', null, '');

export function invalidReference({ code, problem }: InvalidReference): Assessment {
  // An image ID means what a node already holds; there is no registry to ask.
  if (code === 'ImageId') return assessmentOf('not-checked', 'ImageId', messages.imageId);
  return assessmentOf('invalid', code, messages.noReference(problem));
}

/** Why an image need not be asked for; null when it has to be. */
export function exemptFromCheck(
  use: ImageUse,
  policy: Policy,
  { eligibleGroups }: PodContext,
): Assessment | null {
  if (policy.mode === 'off') return assessmentOf('not-checked', 'PolicyOff', messages.off);
  if (use.pullPolicy === 'Never') return assessmentOf('not-checked', 'PullPolicyNever', messages.neverPulled);
  if (eligibleGroups.length === 0)
    return assessmentOf('not-checked', 'NoEligibleNode', messages.noEligibleNode, true);
  return null;
}

/** Why the nodes of a group would not even look for an image that is written like this; null when they would. */
export function rejectedByRuntime(image: string, { mirrors }: NodeGroup): Assessment | null {
  const refusal = mirrors.refuse?.(image);
  return refusal ? assessmentOf('invalid', refusal.reason, refusal.message) : null;
}

/** What `inspection` means for this use of the image on the nodes of one group. */
export function assess(
  inspection: Inspection,
  question: ImageInContext,
  eligible: EligibleGroup['eligible'],
  { isOnNode: present }: Pick<PodContext, 'isOnNode'>,
): Assessment {
  const { result, reason, message } = inspection;
  if (result === 'available') return assessPlatforms(inspection, question, eligible);
  const { use, reference } = question;
  if (result !== 'denied' && use.pullPolicy === 'IfNotPresent' && present(reference)) {
    return assessmentOf('not-checked', 'PresentOnNode', messages.presentOnNode(inspection), true);
  }
  return assessmentOf(result, reason, message);
}

function assessPlatforms(
  inspection: Inspection,
  { use, policy }: ImageInContext,
  eligible: EligibleGroup['eligible'],
): Assessment {
  const { kind, platforms, platformsComplete } = inspection;
  if (kind === 'schema1') return assessmentOf('invalid', 'Schema1', messages.schema1(inspection));
  if (use.kind === 'volume') {
    // Only the files of a volume are used: a single manifest of any platform, or of none, is pulled and mounted.
    if (kind !== 'index') return available;
  } else if (kind === 'artifact') return assessmentOf('invalid', 'Artifact', messages.artifact(inspection));
  if (eligible === null || policy.platforms === 'off') return available;
  const { fit, lacking } = fitting(platforms, eligible, policy.platformMatching);
  if (fit === 'all') return available;
  // Unknown is not missing.
  if (!platformsComplete) {
    return assessmentOf('available', null, messages.platformsUnknown(inspection, platformsOf(lacking)), true);
  }
  const lack = { lacking, among: eligible };
  return {
    ...assessmentOf('platform-missing', null, messages.platformMissing(inspection, lack)),
    fit,
    ...lack,
  };
}
