/** The configuration's default policy, with changes. */
import { type Policies, policies } from '../../../src/judge/policy/policies.ts';
import { type Mode, type PolicyConfig, policySchema } from '../../../src/judge/policy/schema.ts';

export const defaults: PolicyConfig = policySchema.parse({});

/** Strictest last. */
export const modes: readonly Mode[] = ['off', 'audit', 'warn', 'enforce'];

export function policiesOf(changes: Partial<PolicyConfig> = {}): Policies {
  return policies({ ...defaults, ...changes });
}
