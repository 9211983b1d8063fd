/** Builder of the status of an ImageInspection. Pure; `significant.ts` decides whether it is written. */
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import { encodedOf } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import { limits } from '../../api/fields.ts';
import type { Status } from '../../api/schema.ts';
import { availableCondition } from './conditions/available.ts';
import { buildConditions } from './conditions/conditions.ts';
import { driftedCondition, currentDigestsOf } from './conditions/drift.ts';
import { partsPresentCondition } from './conditions/parts-present.ts';
import { mirrorsConsistentCondition, endpointStatuses } from './endpoints.ts';
import type { StatusInputs } from './inputs.ts';
import { formatInstant } from './text/instant.ts';
import { mergePins } from './pins.ts';
import { runningDigests } from './running.ts';
import { platformsSatisfiedCondition } from './conditions/platforms-satisfied.ts';
import { readyConditions } from './conditions/ready.ts';
import { unpinnedUsers } from './unpinned.ts';
import { credentialsStatus, summarizeSets } from './credentials.ts';
import { sanitizePlatforms, sanitize, formatPlatforms, summarize } from './text/sanitize.ts';
import { containerUses } from './uses.ts';
import { countUsers } from './events/workloads.ts';

export function buildStatus(inputs: StatusInputs): Status {
  const { object, reference, sets, users, comparison, parts = [], now } = inputs;
  const image = summarizeSets(inputs);
  const uses = containerUses(inputs);
  const currentDigests = currentDigestsOf(inputs);
  const running = runningDigests(uses, currentDigests, object.status);
  const missing = sanitizePlatforms(sets.flatMap(({ verdict }) => verdict.missingPlatforms));
  const [available, satisfied] = [availableCondition(image), platformsSatisfiedCondition(image)];
  const drafts = [
    available,
    satisfied,
    driftedCondition(inputs, image.subject, uses, currentDigests),
    mirrorsConsistentCondition(image.subject, comparison),
    partsPresentCondition(image.subject, parts),
    ...readyConditions(image, available, satisfied),
  ];
  return {
    observedGeneration: object.generation,
    ...(!(reference instanceof InvalidReference) && { reference: canonical(reference) }),
    result: image.result,
    ...(image.reason !== null && { reason: image.reason }),
    ...imageFields(image.known, now),
    missingPlatforms: missing.slice(0, limits.platforms),
    ...(missing.length > 0 && { missingSummary: summarize(missing) }),
    endpoints: endpointStatuses((comparison ?? image.inspection)?.attempts ?? []),
    credentials: credentialsStatus(inputs),
    pins: mergePins(inputs, uses),
    running,
    ...unpinnedPart(inputs),
    usedBy: { ...countUsers(users), since: formatInstant(now) },
    ...(object.inspectNow !== '' && { lastInspectNow: sanitize(object.inspectNow, limits.inspectNow) }),
    lastInspected: formatInstant(now),
    conditions: buildConditions(
      drafts.filter((draft) => draft !== null),
      inputs,
    ),
  };
}

type ImageFields = Pick<
  Status,
  | 'digest'
  | 'digestShort'
  | 'manifestKind'
  | 'mediaType'
  | 'size'
  | 'platforms'
  | 'platformsComplete'
  | 'platformSummary'
  | 'endpoint'
  | 'lastSeen'
>;

/** Returns the image's fields and the time of the inspection they are from. */
function imageFields(known: Inspection | null, now: number): ImageFields {
  if (known === null || known.digest === null) return { platforms: [] };
  const { digest, kind, mediaType, size, endpoint, inspectedAt } = known;
  const platforms = formatPlatforms(known.platforms);
  const platformSummary = summarize(platforms);
  return {
    digest,
    digestShort: encodedOf(digest).slice(0, 12),
    ...(kind !== null && { manifestKind: kind }),
    ...(mediaType !== null && { mediaType: sanitize(mediaType, 255) }),
    ...(size !== null && Number.isSafeInteger(size) && size >= 0 && { size }),
    platforms: platforms.slice(0, limits.platforms),
    platformsComplete: known.platformsComplete && platforms.length <= limits.platforms,
    ...(platformSummary !== '' && { platformSummary }),
    ...(endpoint !== null && { endpoint: sanitize(endpoint, 512) }),
    lastSeen: formatInstant(Math.min(inspectedAt, now)),
  };
}

function unpinnedPart(inputs: StatusInputs): Pick<Status, 'unpinned'> {
  const { pods, workloads } = countUsers(unpinnedUsers(inputs));
  return pods === 0 ? {} : { unpinned: { pods, workloads } };
}
