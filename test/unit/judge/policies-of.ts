/** The configuration's default policy, with changes. */
import { type Policies, policies } from '../../../src/judge/policy/policies.ts';
import type { PolicyConfig } from '../../../src/judge/policy/policy.ts';

export const defaults: PolicyConfig = {
  mode: 'enforce',
  pin: 'pods',
  platforms: 'all',
  match: 'auto',
  onDenied: 'allow',
  onUnavailable: 'allow',
  onError: 'allow',
  requirePinned: false,
  namespaceLabel: 'tightenOnly',
  rules: [],
};

export function policiesOf(changes: Partial<PolicyConfig> = {}): Policies {
  return policies({ ...defaults, ...changes });
}
