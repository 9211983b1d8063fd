/**
 * Check of an image's parts for `--deep`. It runs for images that an endpoint has, and the image's result
 * becomes the worse of the two results.
 */
import { type Assessment, assessmentOf } from '../../judge/image/assessment.ts';
import type { GroupAssessment } from '../../judge/image/by-node-group.ts';
import { type EligiblePlatform, eligiblePlatform } from '../../judge/nodes/fit.ts';
import type { Policy } from '../../judge/policy/schema.ts';
import { worseResult } from '../../judge/results.ts';
import type { Attempt, Inspection, InspectRequest } from '../../resolve/inspection/inspection.ts';
import type { PartsProgress, PartsReport } from '../../resolve/parts/part.ts';
import type { PartsChecker, PartsRequest } from '../../resolve/parts/parts-checker.ts';

export interface DeepTools {
  readonly partsChecker: PartsChecker;
  readonly policy: Policy;
}

/** Assessment of an image for the nodes of one group, with its parts; null if they were not checked. */
export interface DeepAssessment extends GroupAssessment {
  readonly parts: PartsReport | null;
}

/** Input of the check of parts. */
export interface DeepRequest extends Pick<InspectRequest, 'reference' | 'credentials' | 'deadline'> {
  readonly mode: PartsRequest['mode'];
  readonly root: PartsRequest['root'];
  readonly progress: PartsProgress;
}

/** Checks the parts of an image that is available; returns any other image unchanged and without parts. */
export async function inspectParts(
  local: GroupAssessment,
  eligible: readonly EligiblePlatform[] | null,
  request: DeepRequest,
  tools: DeepTools,
): Promise<DeepAssessment> {
  const { group, inspection, assessment } = local;
  if (inspection?.result !== 'available' || inspection.digest === null || assessment.result === 'invalid') {
    return { ...local, parts: null };
  }
  const match = tools.policy.platformMatching;
  const parts = await tools.partsChecker.check({
    ...request,
    mirrors: group.mirrors,
    digest: inspection.digest,
    mediaType: inspection.mediaType ?? '',
    size: inspection.size ?? 0,
    endpoint: inspection.endpoint,
    wanted: (eligible ?? []).map((each) => ({
      platform: each.platform,
      accepts: (candidate) => each.accepts(candidate, match),
    })),
    background: false,
  });
  return {
    group,
    parts,
    inspection: withParts(inspection, parts),
    assessment: assessParts(assessment, parts, eligible),
  };
}

/** Returns the worse of the assessment of the manifest and the assessment of the parts. */
function assessParts(
  finding: Assessment,
  { result, reason, message, missingPlatforms }: PartsReport,
  eligible: readonly EligiblePlatform[] | null,
): Assessment {
  if (result === 'available' || worseResult(finding.result, result) !== result) return finding;
  const assessment = assessmentOf(result, reason, message);
  if (result !== 'platform-missing') return assessment;
  const among = eligible ?? [];
  const lacking =
    eligible === null
      ? missingPlatforms.map((platform) => eligiblePlatform(platform, 'strict'))
      : eligible.filter((each) => missingPlatforms.some((platform) => each.accepts(platform, 'auto')));
  return { ...assessment, fit: lacking.length < among.length ? 'some' : 'none', lacking, among };
}

/**
 * Returns the same inspection with the warnings about its parts, and with the requests for parts added to its
 * attempts.
 */
function withParts(inspection: Inspection, { warnings, attempts }: PartsReport): Inspection {
  const known = new Map(inspection.attempts.map((attempt) => [attemptKey(attempt), attempt]));
  for (const attempt of attempts) {
    const before = known.get(attemptKey(attempt));
    known.set(attemptKey(attempt), before ? summed(before, attempt) : attempt);
  }
  return { ...inspection, warnings: [...inspection.warnings, ...warnings], attempts: [...known.values()] };
}

function attemptKey({ endpoint, repository }: Attempt): string {
  return `${endpoint} ${repository}`;
}

/**
 * Returns `before` with the requests of `more` added. Its result stays that of the manifest: missing parts
 * are reported one by one.
 */
function summed(before: Attempt, more: Attempt): Attempt {
  return {
    ...before,
    requests: before.requests + more.requests,
    tokenRequests: before.tokenRequests + more.tokenRequests,
    durationMs: before.durationMs + more.durationMs,
  };
}
