/** From what is known of an image to the status of its ImageInspection. Pure; whether it is worth writing, `material.ts` says. */
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import { encodedOf } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import { limits } from '../../api/fields.ts';
import type { Status } from '../../api/schema.ts';
import { availableOf } from './conditions/available.ts';
import { conditionsOf } from './conditions/conditions.ts';
import { driftOf, meaningOf } from './conditions/drift.ts';
import { partsPresentOf } from './conditions/parts-present.ts';
import { consistencyOf, endpointsOf } from './endpoints.ts';
import type { StatusInputs } from './inputs.ts';
import { instant } from './text/instant.ts';
import { pinsOf } from './pins.ts';
import { runningOf } from './running.ts';
import { satisfiedOf } from './conditions/platforms-satisfied.ts';
import { credentialsOf, outcomeOf } from './credentials.ts';
import { distinctSpecifiers, shown, specifiers, summary } from './text/sanitize.ts';
import { usesIn } from './uses.ts';
import { usedBy } from './events/workloads.ts';

export function statusOf(facts: StatusInputs): Status {
  const { object, reference, sets, users, compared, parts = [], now } = facts;
  const outcome = outcomeOf(facts);
  const uses = usesIn(facts);
  const meaning = meaningOf(facts);
  const running = runningOf(uses, meaning, object.status);
  const missing = distinctSpecifiers(sets.flatMap(({ verdict }) => verdict.missingPlatforms));
  const drafts = [
    availableOf(outcome),
    satisfiedOf(outcome),
    driftOf(facts, outcome.subject, uses, running, meaning),
    consistencyOf(outcome.subject, compared),
    partsPresentOf(outcome.subject, parts),
  ];
  return {
    observedGeneration: object.generation,
    ...(!(reference instanceof InvalidReference) && { reference: canonical(reference) }),
    result: outcome.result,
    ...(outcome.reason !== null && { reason: outcome.reason }),
    ...seenPart(outcome.seen, now),
    missingPlatforms: missing.slice(0, limits.platforms),
    ...(missing.length > 0 && { missingSummary: summary(missing) }),
    endpoints: endpointsOf((compared ?? outcome.inspection)?.attempts ?? []),
    credentials: credentialsOf(facts),
    pins: pinsOf(facts, uses),
    running,
    usedBy: usedBy(users),
    lastInspected: instant(now),
    conditions: conditionsOf(
      drafts.filter((draft) => draft !== null),
      facts,
    ),
  };
}

type SeenPart = Pick<
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

/** What somebody was told of the image, and when. */
function seenPart(seen: Inspection | null, now: number): SeenPart {
  if (seen === null || seen.digest === null) return { platforms: [] };
  const { digest, kind, mediaType, size, endpoint, inspectedAt } = seen;
  const platforms = specifiers(seen.platforms);
  const platformSummary = summary(platforms);
  return {
    digest,
    digestShort: encodedOf(digest).slice(0, 12),
    ...(kind !== null && { manifestKind: kind }),
    ...(mediaType !== null && { mediaType: shown(mediaType, 255) }),
    ...(size !== null && Number.isSafeInteger(size) && size >= 0 && { size }),
    platforms: platforms.slice(0, limits.platforms),
    platformsComplete: seen.platformsComplete && platforms.length <= limits.platforms,
    ...(platformSummary !== '' && { platformSummary }),
    ...(endpoint !== null && { endpoint: shown(endpoint, 512) }),
    lastSeen: instant(Math.min(inspectedAt, now)),
  };
}
