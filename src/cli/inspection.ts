/** How an inspected image looks: as JSON for scripts, as text for people. */
import type { Result } from '../judge/verdict.ts';
import type { Attempt, EndpointResult, Inspection } from '../resolve/inspection/inspection.ts';
import { attemptWords, platformWords } from '../resolve/inspection/message.ts';
import { formatAll } from '../resolve/platform/format.ts';
import { shortDigest } from '../resolve/reference/digest.ts';
import { canonical } from '../resolve/reference/format.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { clean } from '../util/text.ts';
import type { Inspected } from './inspect.ts';
import type { Output } from './io.ts';
import { type Cell, indented, paint, type Tone, table } from './table.ts';
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
    message: clean(sentence(reference, finding.message || (inspection?.message ?? '')), 4096),
    warnings: inspection?.warnings ?? [],
    endpoints: inspection?.attempts.map(attemptJson) ?? [],
  };
}

/** Messages go on after the image's name; those about a name that cannot be parsed quote it. */
function sentence(reference: Reference | null, message: string): string {
  return reference === null ? message : `${canonical(reference)} ${message}`;
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
  const title = `${clean(image, 200)}  ${paint(withReason(result, reason), tones[result], output)}\n`;
  const message = finding.message || (result === 'available' ? '' : (inspection?.message ?? ''));
  const said = message === '' ? '' : `${clean(message, 2048)}\n`;
  if (!inspection) return title + indented(said);
  return (
    title +
    indented(
      said +
        facts(inspection) +
        attemptTable(inspection.attempts, output) +
        failureLines(inspection) +
        warningLines(inspection.warnings, output),
    )
  );
}

function withReason(result: Result | EndpointResult, reason: string | null): string {
  return reason === null ? result : `${result} (${reason})`;
}

function facts({ digest, mediaType, size, platforms, endpoint, stale }: Inspection): string {
  if (digest === null) return '';
  const lines = [
    `digest     ${digest}${stale ? '  (remembered, not asked now)' : ''}`,
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
    attempt.digest === null ? '-' : platformWords(attempt.platforms ?? []),
  ]);
  return table(['ENDPOINT', 'ROLE', 'RESULT', 'STATUS', 'TIME', 'DIGEST', 'PLATFORMS'], rows, output);
}

/** Why endpoints did not serve an image that another one has; of an image that none has, the message tells it all. */
function failureLines({ result, attempts }: Inspection): string {
  if (result !== 'available') return '';
  const failed = attempts.filter((attempt) => attempt.result !== 'available');
  return failed.map((attempt) => `${attemptWords(attempt)}\n`).join('');
}
