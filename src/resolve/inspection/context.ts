/** Context that one resolution carries from endpoint to endpoint: the caller, the deadlines and the log. */
import type { Credentials, PullSecretScope } from '../credentials/credential.ts';
import type { RuntimeProfile } from '../endpoints/runtime/runtime-profile.ts';
import { type Deadline, remaining } from '../../util/async/deadline.ts';
import type { Reference } from '../reference/reference.ts';
import type { Registry, ScopeRule, Target } from '../registry/registry.ts';
import type { AttemptLog } from './endpoint/attempt-log.ts';
import type { RuntimeReactions } from './endpoint/runtime-reactions.ts';
import type { EndpointHealth } from './health/endpoint-health.ts';
import type { InspectRequest } from './inspection.ts';

/** Services that every attempt of every caller needs. */
export interface ResolutionDeps {
  readonly registry: Registry;
  readonly health: EndpointHealth;
  /** Time limit in admission for an endpoint that is not the last, milliseconds. Longer silence opens the circuit. */
  readonly endpointTimeoutMs: number;
  /** Time limit for a resolution without a waiting caller, milliseconds. */
  readonly resolutionTimeoutMs: number;
  /** Globs on hosts where nodes log in with a cloud identity that Pratique does not have. */
  readonly nodeIdentity: readonly string[];
  /** Waits for the end of a rate limit or until `signal` aborts; tests replace it so that no time passes. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ResolutionContext {
  readonly reference: Reference;
  readonly credentials: Credentials;
  readonly purpose: InspectRequest['purpose'];
  /** Deadline of the caller, who may leave before the work ends. */
  readonly callerDeadline: Deadline;
  /** Deadline of the work; its signal also aborts on a real cancellation. */
  readonly workDeadline: Deadline;
  readonly log: AttemptLog;
  readonly reactions: RuntimeReactions;
  /** Called when the last endpoint has not answered within `endpointTimeoutMs`; the request continues. */
  readonly onSilence: () => void;
  /** Called with a manifest that was read, and the endpoint that served it. */
  readonly onManifest?: InspectRequest['onManifest'];
}

/** Returns true if no caller waits for the result. */
export function isBackground({ purpose, callerDeadline }: ResolutionContext): boolean {
  return purpose === 'background' || remaining(callerDeadline) === 0;
}

/** Returns the reference's digest, which takes precedence over a tag; the tag if there is no digest. */
export function targetOf({ tag, digest }: Reference): Target {
  return digest === null ? { tag: tag ?? 'latest' } : { digest };
}

/** Returns where the nodes' runtimes send pull secrets; `every-endpoint` if they differ. */
export function pullSecretScope(profiles: readonly RuntimeProfile[]): PullSecretScope {
  const isOwnDomain =
    profiles.length > 0 && profiles.every((profile) => profile.pullSecretScope === 'own-domain');
  return isOwnDomain ? 'own-domain' : 'every-endpoint';
}

/** Returns the scopes that all runtimes of the nodes request; `challenge` if they differ. */
export function scopeRule(profiles: readonly RuntimeProfile[]): ScopeRule {
  if (profiles.length === 0) return 'challenge';
  const isUnion = profiles.map(({ tokenScope }) => tokenScope === 'union');
  if (isUnion.every(Boolean)) return 'union';
  return isUnion.some(Boolean) ? 'challenge' : 'repository';
}
