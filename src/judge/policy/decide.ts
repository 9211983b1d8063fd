/** Decision table: it maps a result and a policy to allow, warn or deny. */
import type { Fit } from '../nodes/fit.ts';
import type { Decision, Result } from '../results.ts';
import type { Policy, PolicyAction } from './schema.ts';

/** Facts besides the policy on which the decision about `platform-missing` depends. */
export interface FitCircumstances {
  readonly fit: Fit;
  /**
   * True if the pod's nodes may still be restricted (gated, suspended), or if its controller had a pod
   * admitted before.
   */
  readonly isLenient: boolean;
}

export function decide(policy: Policy, result: Result, circumstances: FitCircumstances): Decision {
  if (result === 'available' || result === 'not-checked') return 'allow';
  return byMode(policy, () => enforced(policy, result, circumstances));
}

/** Decides about an image without a digest, whatever its result. */
export function decideUnpinned(policy: Policy): Decision {
  return policy.requireDigest ? byMode(policy, () => 'deny') : 'allow';
}

/** Decides for a request that fails because of an error in Pratique. */
export function decideError(policy: Policy): Decision {
  return byMode(policy, () => byAction(policy.onError));
}

/** Returns true if the policy restricts a pod to the nodes on which its images run. */
export function addsAffinity({ mode, nodeAffinity }: Policy): boolean {
  if (!isActive({ mode })) return false;
  return nodeAffinity === 'auto' ? mode === 'enforce' : nodeAffinity === 'add';
}

/** Returns true if the mode has effects in warnings and patches; `audit` and `off` change nothing. */
export function isActive({ mode }: Pick<Policy, 'mode'>): boolean {
  return mode === 'enforce' || mode === 'warn';
}

function byMode({ mode }: Policy, enforce: () => Decision): Decision {
  switch (mode) {
    case 'enforce':
      return enforce();
    case 'warn':
      return 'warn';
    case 'audit':
    case 'off':
      return 'allow';
    default:
      return mode satisfies never;
  }
}

function enforced(
  policy: Policy,
  result: Exclude<Result, 'available' | 'not-checked'>,
  { fit, isLenient }: FitCircumstances,
): Decision {
  switch (result) {
    case 'platform-missing':
      return fit === 'some' && (policy.platforms !== 'all' || isLenient) ? 'warn' : 'deny';
    case 'not-found':
    case 'invalid':
      return 'deny';
    case 'denied':
      return byAction(policy.onDenied);
    case 'unavailable':
      return byAction(policy.onUnavailable);
    default:
      return result satisfies never;
  }
}

/** Converts a configured action to a decision. `allow` still gives a warning. */
function byAction(action: PolicyAction): Decision {
  return action === 'deny' ? 'deny' : 'warn';
}
