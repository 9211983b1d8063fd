/** From an inspection to the result of one image, measured against the nodes it is for. Decisions and pins come after. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import type { InvalidReference } from '../../resolve/reference/error.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import { words } from '../messages/reasons.ts';
import { type EligiblePlatform, type Fit, fitting, platformsOf } from '../nodes/fit.ts';
import type { Landing, NodeGroup } from '../nodes/group.ts';
import type { Policy } from '../policy/schema.ts';
import type { Surroundings } from '../cluster-context.ts';
import type { Result } from '../results.ts';
import type { ImageUse } from '../workload/image-use.ts';

export interface Finding {
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
export interface Question {
  readonly use: ImageUse;
  readonly reference: Reference;
  readonly policy: Policy;
}

/** A finding that platforms have nothing to do with. */
export function plain(result: Result, reason: string | null, message: string, notable = false): Finding {
  return { result, reason, fit: 'all', lacking: [], among: [], message, where: '', notable };
}

const available = plain('available', null, '');

export function unparsable({ code, problem }: InvalidReference): Finding {
  // An image ID means what a node already holds; there is no registry to ask.
  if (code === 'ImageId' || code === 'Identifier') return plain('not-checked', 'ImageId', words.imageId);
  return plain('invalid', code, words.noReference(problem));
}

/** Why an image need not be asked for; null when it has to be. */
export function unasked(use: ImageUse, policy: Policy, { landings }: Surroundings): Finding | null {
  if (policy.mode === 'off') return plain('not-checked', 'Off', words.off);
  if (use.pullPolicy === 'Never') return plain('not-checked', 'NeverPulled', words.neverPulled);
  if (landings.length === 0) return plain('not-checked', 'NoEligibleNode', words.noEligibleNode, true);
  return null;
}

/** Why the nodes of a group would not even look for an image that is written like this; null when they would. */
export function refused(image: string, { mirrors }: NodeGroup): Finding | null {
  const refusal = mirrors.refuse?.(image);
  return refusal ? plain('invalid', refusal.reason, refusal.message) : null;
}

/** What `inspection` means for this use of the image on the nodes of one group. */
export function found(
  inspection: Inspection,
  question: Question,
  eligible: Landing['eligible'],
  { present }: Pick<Surroundings, 'present'>,
): Finding {
  const { result, reason, message } = inspection;
  if (result === 'available') return suited(inspection, question, eligible);
  const { use, reference } = question;
  if (result !== 'denied' && use.pullPolicy === 'IfNotPresent' && present(reference)) {
    return plain('not-checked', 'PresentOnNode', words.presentOnNode(inspection), true);
  }
  return plain(result, reason, message);
}

function suited(inspection: Inspection, { use, policy }: Question, eligible: Landing['eligible']): Finding {
  const { kind, platforms, platformsComplete } = inspection;
  if (kind === 'schema1') return plain('invalid', 'Schema1', words.schema1(inspection));
  if (use.kind === 'volume') {
    // Only the files of a volume are used: a single manifest of any platform, or of none, is pulled and mounted.
    if (kind !== 'index') return available;
  } else if (kind === 'artifact') return plain('invalid', 'Artifact', words.artifact(inspection));
  if (eligible === null || policy.platforms === 'off') return available;
  const { fit, lacking } = fitting(platforms, eligible, policy.match);
  if (fit === 'all') return available;
  // Unknown is not missing.
  if (!platformsComplete) {
    return plain('available', null, words.platformsUnknown(inspection, platformsOf(lacking)), true);
  }
  const lack = { lacking, among: eligible };
  return { ...plain('platform-missing', null, words.platformMissing(inspection, lack)), fit, ...lack };
}
