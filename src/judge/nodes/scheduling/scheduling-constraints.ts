/**
 * Scheduling constraints of a pod: `nodeSelector`, required node affinity and `os.name`. `taints.ts` reads
 * taints; resource requests are not read.
 */
import { entry, type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { type NodeSelectorRequirements, type Requirement, valueMatcherFor } from './requirement.ts';

export const osLabel = 'kubernetes.io/os';
export const archLabel = 'kubernetes.io/arch';

/** Deprecated labels that the kubelet still sets beside their successors. */
export const betaLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/os': osLabel,
  'beta.kubernetes.io/arch': archLabel,
};

/** One term of the required node affinity. */
export interface Term {
  readonly labels: NodeSelectorRequirements;
  /** Requirements of `matchFields` on the node's name, the only field that Kubernetes supports. */
  readonly fields: NodeSelectorRequirements;
}

export interface SchedulingConstraints {
  /**
   * Value of `os.name`, or ''. The scheduler ignores it, but the kubelet of another system rejects the pod.
   */
  readonly os: string;
  readonly selector: NodeSelectorRequirements;
  /** Terms, of which a node must match one; null if there is no required node affinity. */
  readonly terms: readonly Term[] | null;
}

const unconstrained: SchedulingConstraints = { os: '', selector: [], terms: null };

// Limit of constraints, because every requirement and value is compared with every node. It is far beyond
// real pods; a pod above it is treated as unconstrained.
const maxWeight = 10_000;
const labelWeight = 40;
const fieldWeight = 20;
// Limit without a cluster, where each term is combined with the selector.
const maxSize = 1_000;

export function constraintsOf(spec: Fields): SchedulingConstraints {
  const constraints = {
    os: text(fields(spec['os'])['name']),
    selector: selectorOf(spec),
    terms: termsOf(spec),
  };
  const terms = constraints.terms ?? [];
  const weight =
    weightOf([constraints.selector, ...terms.map(({ labels }) => labels)], labelWeight) +
    weightOf(
      terms.map((term) => term.fields),
      fieldWeight,
    );
  return weight > maxWeight ? unconstrained : constraints;
}

function weightOf(alternatives: readonly NodeSelectorRequirements[], each: number): number {
  let weight = 0;
  for (const requirements of alternatives) {
    for (const { values } of requirements) weight += each + values.length;
  }
  return weight;
}

/**
 * Returns the requirements on labels as alternatives, one of which a node must meet; null if any node is
 * allowed. Deprecated labels are replaced by their successors, because without a cluster no node reports
 * their values.
 */
export function requirementsOf(spec: Fields): readonly NodeSelectorRequirements[] | null {
  const { os, selector, terms } = constraintsOf(spec);
  const common = [...(os === '' ? [] : [equals(osLabel, os)]), ...selector].map(withoutBeta);
  if (terms === null && common.length === 0) return null;
  const alternatives = terms?.map(({ labels }) => labels.map(withoutBeta)) ?? [[]];
  const size = alternatives.reduce((sum, term) => sum + sizeOf(term), alternatives.length * sizeOf(common));
  return size > maxSize ? null : alternatives.map((term) => [...common, ...term]);
}

function withoutBeta(requirement: Requirement): Requirement {
  const key = entry(betaLabels, requirement.key);
  return key === undefined ? requirement : { ...requirement, key };
}

function sizeOf(requirements: NodeSelectorRequirements): number {
  return requirements.reduce((sum, { values }) => sum + 1 + values.length, 1);
}

/** Returns true if a node may have this value of a label; undefined means that the node lacks the label. */
export function admits(
  requirements: NodeSelectorRequirements,
  key: string,
  value: string | undefined,
): boolean {
  return requirements.every((requirement) => requirement.key !== key || valueMatcherFor(requirement)(value));
}

/**
 * Returns true if the label may be missing or have a value other than these, which is so unless the
 * requirements list all values.
 */
export function allowsOtherValues(
  requirements: NodeSelectorRequirements,
  key: string,
  values: ReadonlySet<string>,
): boolean {
  const listed = requirements.find((requirement) => requirement.key === key && requirement.operator === 'In');
  return !listed || listed.values.some((value) => !values.has(value) && admits(requirements, key, value));
}

/** Converts a `nodeSelector` to requirements, one for each label. */
export function selectorRequirements(selector: Fields): NodeSelectorRequirements {
  return Object.entries(selector).map(([key, value]) => equals(key, text(value)));
}

function selectorOf(spec: Fields): NodeSelectorRequirements {
  return selectorRequirements(fields(spec['nodeSelector']));
}

function equals(key: string, value: string): Requirement {
  return { key, operator: 'In', values: [value] };
}

function termsOf(spec: Fields): readonly Term[] | null {
  const terms = requiredTerms(spec);
  if (!Array.isArray(terms)) return null;
  return terms
    .map(fields)
    .filter(hasRequirements)
    .map((term) => ({
      labels: readRequirements(term['matchExpressions']),
      fields: readRequirements(term['matchFields']),
    }));
}

/** Returns the unchecked `nodeSelectorTerms` of the required node affinity. */
export function requiredTerms(spec: Fields): unknown {
  const affinity = fields(fields(spec['affinity'])['nodeAffinity']);
  return fields(affinity['requiredDuringSchedulingIgnoredDuringExecution'])['nodeSelectorTerms'];
}

/** Returns true if a term has requirements. In Kubernetes a term without requirements matches no node. */
export function hasRequirements(term: Fields): boolean {
  return items(term['matchExpressions']).length > 0 || items(term['matchFields']).length > 0;
}

function readRequirements(list: unknown): NodeSelectorRequirements {
  return items(list)
    .filter(isObject)
    .map((expression) => ({
      key: text(expression['key']),
      operator: text(expression['operator']),
      values: items(expression['values']).map(text),
    }));
}
