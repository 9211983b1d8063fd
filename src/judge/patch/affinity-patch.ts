/** RFC 6902 operations that keep a pod to nodes with certain labels: ANDed into every term of its required node affinity, so that they only ever narrow it. */
import { hasRequirements } from '../nodes/scheduling/scheduling-constraints.ts';
import { type Fields, fields, isObject, items, text } from '../../util/unstructured.ts';
import type { PatchOperation } from './patch.ts';
import type { Workload } from '../workload/workload.ts';

/** As in `NodeSelectorRequirement`, with the operator `In`. */
export interface LabelChoice {
  readonly key: string;
  readonly values: readonly string[];
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

// Each costs operations; the API server's own limit of them is 10,000.
const maxTerms = 256;

/** null: it cannot be done, as the affinity is of another shape or too long. Empty: it says so already. */
export function affinityPatch(
  { pod, pointer }: Workload,
  choices: readonly LabelChoice[],
): readonly PatchOperation[] | null {
  const expressions = choices.map(({ key, values }) => ({ key, operator: 'In', values }));
  const path = `${pointer}/spec/affinity`;
  const { affinity } = fields(pod['spec']);
  if (isAbsent(affinity)) return [add(path, { nodeAffinity: fresh(expressions) })];
  if (!isObject(affinity)) return null;
  const { nodeAffinity } = affinity;
  if (isAbsent(nodeAffinity)) return [add(`${path}/nodeAffinity`, fresh(expressions))];
  if (!isObject(nodeAffinity)) return null;
  const selector = nodeAffinity[required];
  const at = `${path}/nodeAffinity/${required}`;
  if (isAbsent(selector)) return [add(at, fresh(expressions)[required])];
  return isObject(selector) ? into(selector, `${at}/nodeSelectorTerms`, expressions) : null;
}

interface Expression extends LabelChoice {
  readonly operator: string;
}

function fresh(matchExpressions: readonly Expression[]) {
  return { [required]: { nodeSelectorTerms: [{ matchExpressions }] } };
}

/** Every term in its place. One without requirements stays so: it matches no node, and with one it would. */
function into(
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
