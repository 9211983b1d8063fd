/** What one inspection carries from endpoint to endpoint: for whom, until when, by whose leave, and its record. */
import type { Credentials } from '../credentials/credential.ts';
import { type Deadline, remaining } from '../../util/async/deadline.ts';
import type { Reference } from '../reference/reference.ts';
import type { Registry, Target } from '../registry/registry.ts';
import type { AttemptLog } from './endpoint/attempt-log.ts';
import type { InspectRequest } from './inspection.ts';
import type { EndpointHealth } from './health/endpoint-health.ts';

/** What every attempt needs, whoever it is for. */
export interface ResolutionDeps {
  readonly registry: Registry;
  readonly health: EndpointHealth;
  /** What one endpoint may take at most while others wait behind it, milliseconds. */
  readonly endpointTimeoutMs: number;
  /** Do nodes have an identity for this host that Pratique lacks? Then its 401 and 403 prove nothing (rule 4). */
  readonly isNodeOnly: (host: string, reference: Reference) => boolean;
  /** Waits until a 429 is over, or `signal` aborts; replaced where no time may pass. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ResolutionContext {
  readonly reference: Reference;
  readonly credentials: Credentials;
  /** When the one who waits goes away. */
  readonly soft: Deadline;
  /** When the work itself ends; its signal tells of a real cancellation too. */
  readonly hard: Deadline;
  readonly log: AttemptLog;
  /** Nobody waits for it, not even at first. */
  readonly background: boolean;
  /** Told of a manifest that had to be read, and who served it. */
  readonly onManifest?: InspectRequest['onManifest'];
}

/** Does nobody wait any longer? */
export function isBackground({ background, soft }: ResolutionContext): boolean {
  return background || remaining(soft) === 0;
}

/** With tag and digest, the digest decides. */
export function targetOf({ tag, digest }: Reference): Target {
  return digest === null ? { tag: tag ?? 'latest' } : { digest };
}
