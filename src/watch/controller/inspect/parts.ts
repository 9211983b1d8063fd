/** With `controller.deep`: are all parts of an image there? One image at a time, by HEAD, for every group of nodes that may run it. */
import type { EligibleGroup } from '../../../judge/nodes/group.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { PartsReport } from '../../../resolve/parts/part.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { deadlineIn } from '../../../util/async/deadline.ts';
import type { ControllerContext, FoundCredentials } from './context.ts';
import type { InspectionPlan } from './plan.ts';

// A worker waits for it, so an image whose registry is slow must not take its turn for long.
const patienceMs = 15_000;

/** One report for each mirror list; empty where nothing is to be looked for. */
export async function checkParts(
  { reference, reach, policy }: InspectionPlan,
  { found, inspection }: AnsweredSet,
  context: ControllerContext,
  signal: AbortSignal,
): Promise<readonly PartsReport[]> {
  if (!context.settings.deep || found === null || reference instanceof InvalidReference) return [];
  const groups = new Map(reach.eligibleGroups.map((each) => [each.group.mirrors.id, each]));
  const reports: PartsReport[] = [];
  // One answer is that of the only list; of several lists each has its own.
  const known = groups.size === 1 ? inspection : null;
  for (const each of groups.values()) {
    const report = await checkAt(each, reference, { found, known, policy, context, signal });
    if (report) reports.push(report);
  }
  return reports;
}

/** What was found out with the first set of credentials. */
export interface AnsweredSet {
  /** null: nobody was asked with them. */
  readonly found: FoundCredentials | null;
  readonly inspection: Inspection | null;
}

interface Check extends Pick<InspectionPlan, 'policy'> {
  readonly found: FoundCredentials;
  readonly known: Inspection | null;
  readonly context: ControllerContext;
  readonly signal: AbortSignal;
}

/** null: the image itself is not known to be there. */
async function checkAt(
  { group, eligible }: EligibleGroup,
  reference: Reference,
  { found, known, policy, context, signal }: Check,
): Promise<PartsReport | null> {
  const credentials = found.credentials.forReference(reference);
  const inspection = known ?? group.inspector.peek(reference, credentials);
  if (inspection?.result !== 'available' || inspection.digest === null || inspection.stale) return null;
  if (!(await context.partsTurn.acquire(signal))) return null;
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
    context.partsTurn.release();
  }
}
