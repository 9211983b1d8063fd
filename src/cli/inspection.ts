/** How an inspected image looks: as JSON for scripts, as text for people. */
import type { Result } from '../judge/verdict.ts';
import type { Attempt, EndpointResult } from '../resolve/inspection/inspection.ts';
import { formatAll } from '../resolve/platform/format.ts';
import { canonical } from '../resolve/reference/format.ts';
import { clean } from '../util/text.ts';
import type { Inspected } from './inspect.ts';
import type { Output } from './io.ts';
import { type Cell, paint, type Tone, table } from './table.ts';
import { warningLines } from './warnings.ts';

/** The object of the reference page "Command line", `inspect`. */
export function inspectionJson({ image, reference, finding, inspection }: Inspected): object {
  return {
    image,
    reference: reference && canonical(reference),
    result: finding.result,
    reason: finding.reason,
    digest: inspection?.digest ?? null,
    mediaType: inspection?.mediaType ?? null,
    size: inspection?.size ?? null,
    platforms: inspection?.platforms.map(formatAll) ?? [],
    missingPlatforms: finding.missing.map(formatAll),
    endpoint: inspection?.endpoint ?? null,
    stale: inspection?.stale ?? false,
    message: clean(finding.message || inspection?.message || '', 4096),
    warnings: inspection?.warnings ?? [],
    endpoints: inspection?.attempts.map(attemptJson) ?? [],
  };
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
    platforms: attempt.platforms?.map(formatAll) ?? null,
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

export function inspectionText({ image, finding, inspection }: Inspected, output: Output): string {
  const { result, reason } = finding;
  const verdict = paint(reason === null ? result : `${result} (${reason})`, tones[result], output);
  const lines = [`${clean(image, 200)}  ${verdict}`];
  const message = finding.message || (result === 'available' ? '' : (inspection?.message ?? ''));
  if (message !== '') lines.push(`  ${clean(message, 2048)}`);
  if (inspection?.digest) {
    const platforms = inspection.platforms.map(formatAll).join(', ') || 'unknown';
    lines.push(
      `  digest     ${inspection.digest}${inspection.stale ? '  (remembered, not asked now)' : ''}`,
      `  type       ${clean(inspection.mediaType ?? '')}, ${inspection.size} bytes`,
      `  platforms  ${clean(platforms, 400)}`,
    );
  }
  const head = `${lines.join('\n')}\n`;
  if (!inspection) return head;
  return head + attempts(inspection.attempts, output) + warningLines(inspection.warnings, output);
}

function attempts(list: readonly Attempt[], output: Output): string {
  if (list.length === 0) return '';
  const rows = list.map((attempt): (string | Cell)[] => [
    attempt.endpoint,
    attempt.role,
    { text: attempt.result, tone: tones[attempt.result] },
    String(attempt.status ?? '-'),
    `${Math.round(attempt.durationMs)} ms`,
    attempt.message,
  ]);
  const lines = table(['ENDPOINT', 'ROLE', 'RESULT', 'STATUS', 'TIME', ''], rows, output);
  return lines.replace(/^(?=.)/gm, '  ');
}
