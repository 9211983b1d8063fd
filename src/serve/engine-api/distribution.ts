/**
 * Route `GET /distribution/{name}/json`: it resolves an image and answers in dockerd's format with its status
 * codes.
 */
import type { Credential, Credentials } from '../../resolve/credentials/credential.ts';
import type { Attempt, Inspection, Inspector } from '../../resolve/inspection/inspection.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import { InvalidReference } from '../../resolve/reference/error.ts';
import { canonical, nameOf } from '../../resolve/reference/format.ts';
import { parseReference } from '../../resolve/reference/parse.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import { deadlineIn } from '../../util/async/deadline.ts';
import { type Answer, errorAnswer, jsonAnswer } from './http-answer.ts';
import type { DistributionInspect, OCIPlatform } from './generated/schemas.ts';
import { answerInvalidReference } from './reference-answer.ts';

/** Parts of the active configuration that a look-up needs. */
export interface ImageLookup {
  readonly inspector: Inspector;
  /** Returns the credentials of a caller that sends `given`; null means an anonymous caller. */
  readonly credentialsOf: (given: Credential | null) => Credentials;
  /** Time limit of the whole look-up, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Looks an image up and answers. Rejects only for a programming error. `signal` aborts when the caller
 * leaves, and ends every request at once.
 */
export async function inspectDistribution(
  name: string,
  given: Credential | null,
  lookup: ImageLookup,
  signal: AbortSignal,
): Promise<Answer> {
  const reference = parsed(name);
  if (reference instanceof InvalidReference) return answerInvalidReference(name, reference);
  const inspection = await lookup.inspector.inspect({
    reference,
    credentials: lookup.credentialsOf(given),
    deadline: deadlineIn(lookup.timeoutMs, signal),
    purpose: 'interactive',
    allEndpoints: false,
    asNode: false,
  });
  return answerInspection(inspection, Date.now());
}

function parsed(name: string): Reference | InvalidReference {
  try {
    return parseReference(name);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
}

/**
 * Converts an inspection to an answer. `now` is in milliseconds since the epoch and is used for the age of a
 * stale answer.
 */
export function answerInspection(inspection: Inspection, now: number): Answer {
  const message = `${canonical(inspection.reference)} ${inspection.message}`;
  switch (inspection.result) {
    case 'available':
      return jsonAnswer(200, distributionOf(inspection), inspection.stale ? staleness(inspection, now) : {});
    case 'not-found':
      return answerNotFound(inspection, message);
    case 'denied':
      return answerDenied(inspection, message);
    case 'unavailable':
      return answerUnavailable(inspection, message);
    default:
      return inspection.result satisfies never;
  }
}

function distributionOf({ mediaType, digest, size, rawPlatforms }: Inspection): DistributionInspect {
  return {
    Descriptor: { mediaType: mediaType ?? '', digest: digest ?? '', size: size ?? 0 },
    Platforms: rawPlatforms.map(platformOf),
  };
}

/** Omits empty members, because docker-py compares whole objects. */
function platformOf({ architecture, os, osVersion, osFeatures, variant }: Platform): OCIPlatform {
  return {
    architecture,
    os,
    ...(osVersion === '' ? {} : { 'os.version': osVersion }),
    ...(osFeatures.length === 0 ? {} : { 'os.features': [...osFeatures] }),
    ...(variant === '' ? {} : { variant }),
  };
}

function staleness({ inspectedAt }: Inspection, now: number): Answer['headers'] {
  const age = Math.max(0, Math.round((now - inspectedAt) / 1_000));
  return { age: String(age), warning: '110 Pratique "Response is Stale"' };
}

function answerNotFound({ reference, reason }: Inspection, message: string): Answer {
  if (reason === 'Blocked') return errorAnswer(403, `denied: ${message}`);
  if (reason === 'NoEndpoint') {
    return errorAnswer(404, `no endpoints found for ${nameOf(reference)}: ${message}`);
  }
  return errorAnswer(404, `manifest unknown: ${message}`);
}

/** Returns the status of the last endpoint that denied access, which may be its token server. */
function answerDenied({ attempts }: Inspection, message: string): Answer {
  const refusal = attempts.findLast(isRefusal);
  return refusal?.status === 403
    ? errorAnswer(403, `denied: ${message}`)
    : errorAnswer(401, `unauthorized: ${message}`);
}

function answerUnavailable(inspection: Inspection, message: string): Answer {
  // Nodes may have their own identity at this endpoint, but a Docker client has only the credential that it
  // sent, so the answer is a denial.
  if (inspection.reason === 'NodeCredentials') return answerDenied(inspection, message);
  const last = inspection.attempts.findLast(counts);
  if (!last || !isRateLimited(last)) return errorAnswer(503, message);
  const { retryAfterMs } = last;
  const headers =
    retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };
  return errorAnswer(429, `toomanyrequests: ${message}`, headers);
}

function isRefusal({ result, reason }: Attempt): boolean {
  return result === 'denied' || reason === 'NodeCredentials';
}

/** Returns true if this endpoint could have had the image. */
function counts({ result, reason }: Attempt): boolean {
  return result !== 'skipped' || !['Capability', 'Blocked', 'NodeLocal'].includes(reason ?? '');
}

/**
 * Returns true if the endpoint limits the rate now, or if requests to it are suspended because it did so
 * before.
 */
function isRateLimited({ result, retryAfterMs }: Attempt): boolean {
  return result === 'rate-limited' || (result === 'skipped' && retryAfterMs !== undefined);
}
