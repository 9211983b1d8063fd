/**
 * JSON patch that restricts a pod to nodes with certain labels. The patch adds the restriction to every term
 * of the required node affinity, so that it can only reduce the eligible nodes.
 */
import { type Fields, fields, isObject, items, text } from '../../util/unstructured.ts';
import { hasRequirements } from '../nodes/scheduling/scheduling-constraints.ts';
import type { Workload } from '../workload/workload.ts';
import type { PatchOperation } from './patch.ts';

/** `NodeSelectorRequirement` with the operator `In`. */
export interface LabelChoice {
  readonly key: string;
  readonly values: readonly string[];
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

// Limit of terms: each costs operations, of which the API server accepts 10,000.
const maxTerms = 256;

/**
 * Returns the patch. It is null if the affinity is malformed or too long, and empty if the affinity has the
 * restriction already.
 */
export function affinityPatch(
  { pod, pointer }: Workload,
  choices: readonly LabelChoice[],
): readonly PatchOperation[] | null {
  const expressions = choices.map(({ key, values }) => ({ key, operator: 'In', values }));
  const path = `${pointer}/spec/affinity`;
  const { affinity } = fields(pod['spec']);
  if (isAbsent(affinity)) return [add(path, { nodeAffinity: requirementOf(expressions) })];
  if (!isObject(affinity)) return null;
  const { nodeAffinity } = affinity;
  if (isAbsent(nodeAffinity)) return [add(`${path}/nodeAffinity`, requirementOf(expressions))];
  if (!isObject(nodeAffinity)) return null;
  const selector = nodeAffinity[required];
  const at = `${path}/nodeAffinity/${required}`;
  if (isAbsent(selector)) return [add(at, requirementOf(expressions)[required])];
  return isObject(selector) ? addToTerms(selector, `${at}/nodeSelectorTerms`, expressions) : null;
}

interface Expression extends LabelChoice {
  readonly operator: string;
}

function requirementOf(matchExpressions: readonly Expression[]) {
  return { [required]: { nodeSelectorTerms: [{ matchExpressions }] } };
}

/**
 * Adds the restriction to every term. A term without requirements is not changed: it matches no node, and
 * with a requirement it would.
 */
function addToTerms(
  { nodeSelectorTerms }: Fields,
  path: string,
  expressions: readonly Expression[],
): readonly PatchOperation[] | null {
  if (!Array.isArray(nodeSelectorTerms) || nodeSelectorTerms.length > maxTerms) return null;
  return items(nodeSelectorTerms).flatMap((value, index) => {
    const term = fields(value);
    if (!hasRequirements(term)) return [];
    const at = `${path}/${index}/matchExpressions`;
    const present = term['matchExpressions'];
    if (!Array.isArray(present)) return [add(at, expressions)];
    return expressions
      .filter((expression) => !present.some((other) => isSame(other, expression)))
      .map((expression) => add(`${at}/-`, expression));
  });
}

function isSame(other: unknown, { key, operator, values }: Expression): boolean {
  const { key: otherKey, operator: otherOperator, values: otherValues } = fields(other);
  if (text(otherKey) !== key || text(otherOperator) !== operator) return false;
  const listed = new Set(items(otherValues));
  return listed.size === values.length && values.every((value) => listed.has(value));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function add(path: string, value: unknown): PatchOperation {
  return { op: 'add', path, value };
}
