/** Formatter of an inspected image as JSON and as text. */
import type { Assessment } from '../../judge/image/assessment.ts';
import { platformsOf } from '../../judge/nodes/fit.ts';
import { groupWords } from '../../judge/nodes/group.ts';
import type { Result } from '../../judge/results.ts';
import type { Attempt, EndpointResult, Inspection } from '../../resolve/inspection/inspection.ts';
import { attemptWords, platformWords } from '../../resolve/inspection/outcome/message.ts';
import { formatAll } from '../../resolve/platform/format.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import { shortDigest } from '../../resolve/reference/digest.ts';
import { canonical } from '../../resolve/reference/format.ts';
import { clean } from '../../util/text/text.ts';
import type { DeepAssessment } from '../deep/inspect-parts.ts';
import type { InspectedImage } from '../inspected-image.ts';
import type { Output } from '../io.ts';
import { partsJson, partsText } from '../deep/parts-text.ts';
import { type Cell, indented, paint, type Tone, table } from './table.ts';
import { warningLines } from './warnings.ts';

/**
 * Returns the object that the reference page "Command line" describes for `inspect`. `groups` has the same
 * members for each node group if the configuration has named groups.
 */
export function inspectionJson({ image, reference, byGroup, isDeep, ...whole }: InspectedImage): object {
  const name = reference === null ? `"${clean(image)}"` : canonical(reference);
  return {
    image,
    reference: reference && name,
    ...verdictJson(name, whole, isDeep),
    groups: isGrouped(byGroup)
      ? byGroup.map((local) => ({ group: local.group.name, ...verdictJson(name, local, isDeep) }))
      : [],
  };
}

type Verdict = Pick<DeepAssessment, 'assessment' | 'inspection' | 'parts'>;

function verdictJson(name: string, { assessment, inspection, parts }: Verdict, isDeep: boolean): object {
  const subject = assessment.where === '' ? name : `${name} (${assessment.where})`;
  return {
    result: assessment.result,
    reason: assessment.reason,
    digest: inspection?.digest ?? null,
    mediaType: inspection?.mediaType ? clean(inspection.mediaType) : null,
    size: inspection?.size ?? null,
    platforms: inspection?.platforms.map(formatPlatform) ?? [],
    missingPlatforms: platformsOf(assessment.lacking).map(formatAll),
    endpoint: inspection?.endpoint ?? null,
    stale: inspection?.stale ?? false,
    message: clean(`${subject} ${assessment.message || (inspection?.message ?? '')}`, 4096),
    warnings: inspection?.warnings ?? [],
    endpoints: inspection?.attempts.map(attemptJson) ?? [],
    ...(isDeep ? partsJson(parts) : {}),
  };
}

/** Formats a platform and bounds its length, because a registry can send any text. */
function formatPlatform(platform: Platform): string {
  return clean(formatAll(platform), 128);
}

/** Returns true if the configuration has named node groups. */
function isGrouped(byGroup: readonly DeepAssessment[]): boolean {
  return byGroup.some(({ group }) => group.name !== null);
}

function attemptJson(attempt: Attempt): object {
  return {
    endpoint: attempt.endpoint,
    role: attempt.role,
    repository: attempt.repository,
    result: attempt.result,
    reason: attempt.reason,
    status: attempt.status,
    digest: attempt.digest,
    platforms: attempt.platforms?.map(formatPlatform) ?? null,
    message: attempt.message,
    requests: attempt.requests,
    tokenRequests: attempt.tokenRequests,
    durationMs: Math.round(attempt.durationMs),
  };
}

const tones: Readonly<Record<Result | EndpointResult, Tone>> = {
  available: 'good',
  'not-checked': 'quiet',
  skipped: 'quiet',
  unavailable: 'doubt',
  'rate-limited': 'doubt',
  denied: 'bad',
  'platform-missing': 'bad',
  'not-found': 'bad',
  invalid: 'bad',
  tls: 'bad',
  malformed: 'bad',
};

export function inspectionText({ image, byGroup, ...whole }: InspectedImage, output: Output): string {
  const title = formatTitle(clean(image, 200), whole.assessment, output);
  if (!isGrouped(byGroup)) return title + verdictText(whole, output);
  const parts = byGroup.map(
    (local) => formatTitle(groupWords([local.group]), local.assessment, output) + verdictText(local, output),
  );
  return title + indented(parts.join(''));
}

function formatTitle(name: string, { result, reason }: Assessment, output: Output): string {
  return `${name}  ${paint(withReason(result, reason), tones[result], output)}\n`;
}

function verdictText({ assessment, inspection, parts }: Verdict, output: Output): string {
  const message =
    assessment.message || (assessment.result === 'available' ? '' : (inspection?.message ?? ''));
  const lines = message === '' ? [] : message.split('\n');
  const messageLines = lines.map((line) => `${clean(line, 2048)}\n`).join('');
  if (!inspection) return indented(messageLines);
  return indented(
    messageLines +
      manifestLines(inspection) +
      (parts ? partsText(parts, output) : '') +
      attemptTable(inspection.attempts, output) +
      failureLines(inspection) +
      warningLines(inspection.warnings, output),
  );
}

function withReason(result: Result | EndpointResult, reason: string | null): string {
  return reason === null ? result : `${result} (${reason})`;
}

function manifestLines({ digest, mediaType, size, platforms, endpoint, stale }: Inspection): string {
  if (digest === null) return '';
  const lines = [
    `digest     ${digest}${stale ? '  (stale: no registry could be asked)' : ''}`,
    `type       ${mediaType ?? ''}, ${size} bytes`,
    `platforms  ${platforms.map(formatAll).join(', ') || 'unknown'}`,
    `from       ${endpoint ?? ''}`,
  ];
  return lines.map((line) => `${clean(line, 400)}\n`).join('');
}

function attemptTable(attempts: readonly Attempt[], output: Output): string {
  if (attempts.length === 0) return '';
  const rows = attempts.map((attempt): (string | Cell)[] => [
    attempt.endpoint,
    attempt.role,
    { text: withReason(attempt.result, attempt.reason), tone: tones[attempt.result] },
    String(attempt.status ?? '-'),
    `${Math.round(attempt.durationMs)} ms`,
    attempt.digest === null ? '-' : shortDigest(attempt.digest),
    attempt.platforms?.length ? platformWords(attempt.platforms) : '-',
  ]);
  return table(['ENDPOINT', 'ROLE', 'RESULT', 'STATUS', 'TIME', 'DIGEST', 'PLATFORMS'], rows, output);
}

/**
 * Lists why endpoints did not serve an image that another endpoint has. If no endpoint has it, the message
 * already says why.
 */
function failureLines({ result, attempts }: Inspection): string {
  if (result !== 'available') return '';
  const failed = attempts.filter((attempt) => attempt.result !== 'available');
  return failed.map((attempt) => `${attemptWords(attempt)}\n`).join('');
}
