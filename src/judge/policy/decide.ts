/** The decision table: a result and a policy in, allow, warn or deny out. */
import type { Fit } from '../nodes/fit.ts';
import type { Decision, Result } from '../results.ts';
import type { PolicyAction, Policy } from './schema.ts';

/** `fit` matters to `platform-missing` only. */
export function decide(policy: Policy, result: Result, fit: Fit): Decision {
  if (result === 'available' || result === 'not-checked') return 'allow';
  return byMode(policy, () => enforced(policy, result, fit));
}

/** An image without a digest, whatever its result. */
export function decideUnpinned(policy: Policy): Decision {
  return policy.requireDigest ? byMode(policy, () => 'deny') : 'allow';
}

/** Pratique itself failed. */
export function decideError(policy: Policy): Decision {
  return byMode(policy, () => either(policy.onError));
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

function enforced(policy: Policy, result: Exclude<Result, 'available' | 'not-checked'>, fit: Fit): Decision {
  switch (result) {
    case 'platform-missing':
      return fit === 'some' && policy.platforms !== 'all' ? 'warn' : 'deny';
    case 'not-found':
    case 'invalid':
      return 'deny';
    case 'denied':
      return either(policy.onDenied);
    case 'unavailable':
      return either(policy.onUnavailable);
    default:
      return result satisfies never;
  }
}

/** `allow` is never silent. */
function either(answer: PolicyAction): Decision {
  return answer === 'deny' ? 'deny' : 'warn';
}
