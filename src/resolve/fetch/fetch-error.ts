/** Error of the fetcher: no source served the content, or the content does not match its descriptor. */
import { clean } from '../../util/text/text.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { AttemptResult } from '../inspection/endpoint/attempt-log.ts';
import type { EndpointResult } from '../inspection/inspection.ts';
import { failedResult } from '../inspection/outcome/classify.ts';
import type { RegistryError } from '../registry/error.ts';

/** Reason for which one endpoint did not serve content. */
export interface ContentRefusal extends AttemptResult {
  readonly endpoint: Endpoint;
  /** Last HTTP status; null if there was no response. */
  readonly status: number | null;
}

const maxRefusal = 320;

export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly code: Exclude<EndpointResult, 'available' | 'skipped'>;
  /** PascalCase detail; null if the code alone is sufficient. */
  readonly reason: string | null;
  readonly status: number | null;
  /** Endpoints that were contacted or skipped, in order. */
  readonly refusals: readonly ContentRefusal[];

  constructor(
    code: FetchError['code'],
    message: string,
    detail: Pick<FetchError, 'reason' | 'status'> & {
      readonly refusals?: readonly ContentRefusal[];
      readonly cause?: unknown;
    },
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.reason = detail.reason;
    this.status = detail.status;
    this.refusals = detail.refusals ?? [];
  }
}

export function fromRegistryError(error: RegistryError): FetchError {
  const { code, message, reason, status } = error;
  return new FetchError(code, message, { reason, status, cause: error });
}

/**
 * Converts the error of an external URL. Pratique tracks no rate limits of such hosts, so a 429 becomes `unavailable`: the
 * content may exist.
 */
export function fromExternalUrl(error: RegistryError): FetchError {
  const { code, message, reason, status } = error;
  if (code !== 'rate-limited') return fromRegistryError(error);
  return new FetchError('unavailable', message, { reason: reason ?? 'RateLimited', status, cause: error });
}

/**
 * Combines the refusals of all endpoints. The error is the first failure, as in containerd, but a failure that leaves open
 * whether the content exists takes precedence over those that deny it.
 */
export function fromRefusals(refusals: readonly ContentRefusal[]): FetchError {
  const { result, reason } = failedResult(refusals);
  const counted = refusals.filter((each) => !isRuledOut(each));
  const decisive =
    counted.find(({ result }) => result !== 'not-found' && result !== 'denied') ??
    counted.find((each) => each.result === result) ??
    counted[0];
  if (!decisive) {
    // containerd uses this text too.
    const details = refusals.map(({ endpoint, message }) => `${endpoint.url}: ${message}`);
    return new FetchError(result, ['no pull hosts', ...details].join('; '), {
      reason,
      status: null,
      refusals,
    });
  }
  const code =
    decisive.result === 'skipped' || decisive.result === 'available' ? 'unavailable' : decisive.result;
  const message = counted.map((each) => each.message).join('; ');
  return new FetchError(code, message, { reason: decisive.reason, status: decisive.status, refusals });
}

/**
 * Formats the message of one endpoint under the endpoint's name, without the content's URL, which would repeat the endpoint.
 */
export function refusalWords({ endpoint, message }: ContentRefusal): string {
  const [, detail] = /^(?:GET|HEAD) \S+?:?\s(.*)$/s.exec(message) ?? [];
  const isOwn = detail !== undefined && message.split(' ')[1]?.startsWith(`${endpoint.url}/`);
  return clean(`${endpoint.role} ${endpoint.url}${isOwn ? ` ${detail}` : `: ${message}`}`, maxRefusal);
}

/** Returns true if the node skips the endpoint too, or Pratique cannot see what the node sees there. */
function isRuledOut({ result, reason, mayServe }: ContentRefusal): boolean {
  if (mayServe) return false;
  return result === 'skipped' && (reason === 'Capability' || reason === 'Blocked' || reason === 'NodeLocal');
}
