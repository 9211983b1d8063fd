/**
 * Check of the parts of an image in use, with `controller.deep`. It uses HEAD requests, checks one image at a
 * time, and covers every mirror list of the nodes that may run the image.
 */
import type { EligibleGroup } from '../../../judge/nodes/group.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { PartsReport } from '../../../resolve/parts/part.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { deadlineIn } from '../../../util/async/deadline.ts';
import type { ControllerContext, PlanCredentials } from './context.ts';
import type { InspectionPlan } from './plan.ts';

// Time limit of the check. A worker waits for it, so an image at a slow registry must not occupy the worker
// for long.
const patienceMs = 15_000;

/** Returns one report for each mirror list; empty if there is nothing to check. */
export async function checkParts(
  { reference, nodes, policy }: InspectionPlan,
  { credentials, inspection }: InspectedSet,
  context: ControllerContext,
  signal: AbortSignal,
): Promise<readonly PartsReport[]> {
  if (!context.settings.deep || credentials === null || reference instanceof InvalidReference) return [];
  const groups = new Map(nodes.eligibleGroups.map((each) => [each.group.mirrors.id, each]));
  const reports: PartsReport[] = [];
  // The known inspection belongs to the only mirror list. With several lists each needs its own.
  const known = groups.size === 1 ? inspection : null;
  for (const each of groups.values()) {
    const report = await checkAt(each, reference, { credentials, known, policy, context, signal });
    if (report) reports.push(report);
  }
  return reports;
}

/** Result of the first credential set. */
export interface InspectedSet {
  /** null if no endpoint was queried with them. */
  readonly credentials: PlanCredentials | null;
  readonly inspection: Inspection | null;
}

interface Check extends Pick<InspectionPlan, 'policy'> {
  readonly credentials: PlanCredentials;
  readonly known: Inspection | null;
  readonly context: ControllerContext;
  readonly signal: AbortSignal;
}

/**
 * Checks the parts for one mirror list. Returns null if it is not known that the image itself exists there.
 */
async function checkAt(
  { group, eligible }: EligibleGroup,
  reference: Reference,
  { credentials: found, known, policy, context, signal }: Check,
): Promise<PartsReport | null> {
  const credentials = found.credentials.forReference(reference);
  const inspection = known ?? group.inspector.peek(reference, credentials);
  if (inspection?.result !== 'available' || inspection.digest === null || inspection.stale) return null;
  if (!(await context.partsCheckTurn.acquire(signal))) return null;
  try {
    return await context.partsChecker.check({
      mirrors: group.mirrors,
      reference,
      credentials,
      deadline: deadlineIn(patienceMs, signal),
      digest: inspection.digest,
      mediaType: inspection.mediaType ?? '',
      size: inspection.size ?? 0,
      endpoint: inspection.endpoint,
      root: null,
      wanted: (eligible ?? []).map((node) => ({
        platform: node.platform,
        accepts: (candidate) => node.accepts(candidate, policy.platformMatching),
      })),
      mode: 'exists',
      background: true,
    });
  } finally {
    context.partsCheckTurn.release();
  }
}
