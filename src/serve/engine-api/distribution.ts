/** `GET /distribution/{name}/json`: an image looked up by the resolver, in dockerd's shape and with its status codes. */
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

/** What a look-up needs of the configuration in use. */
export interface ImageLookup {
  readonly inspector: Inspector;
  /** Returns the credentials of a caller that sends `given`, null if it is anonymous. */
  readonly credentialsOf: (given: Credential | null) => Credentials;
  /** For the whole look-up, milliseconds. */
  readonly timeoutMs: number;
}

/** Never rejects but for a programming error. `signal` aborts when the caller goes away, and ends every request at once. */
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

/** `now`: milliseconds since the epoch, for the age of a stale answer. */
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

/** Without empty members: docker-py compares whole objects. */
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

/** The status is that of the last endpoint that refused, its token server included. */
function answerDenied({ attempts }: Inspection, message: string): Answer {
  const refusal = attempts.findLast(isRefusal);
  return refusal?.status === 403
    ? errorAnswer(403, `denied: ${message}`)
    : errorAnswer(401, `unauthorized: ${message}`);
}

function answerUnavailable(inspection: Inspection, message: string): Answer {
  // That nodes may have an identity of their own there does not help a Docker client, which has the credential it sent.
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

/** Could this endpoint have had the image? */
function counts({ result, reason }: Attempt): boolean {
  return result !== 'skipped' || !['Capability', 'Blocked', 'NodeLocal'].includes(reason ?? '');
}

/** It says so now, or it said so and is left alone until its time is over. */
function isRateLimited({ result, retryAfterMs }: Attempt): boolean {
  return result === 'rate-limited' || (result === 'skipped' && retryAfterMs !== undefined);
}
