/** What a pod asks of its node: `nodeSelector`, required node affinity, `os.name`. Taints are `taints.ts`'s; resources are not read at all. */
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { type NodeSelectorRequirements, type Requirement, valueMatcherFor } from './requirement.ts';

export const osLabel = 'kubernetes.io/os';
export const archLabel = 'kubernetes.io/arch';

/** One term of the required node affinity. */
export interface Term {
  readonly labels: NodeSelectorRequirements;
  /** `matchFields`: on the node's name, the only field there is. */
  readonly fields: NodeSelectorRequirements;
}

export interface SchedulingConstraints {
  /** `os.name`, else ''. The scheduler does not look at it, but the kubelet refuses the pod. */
  readonly os: string;
  readonly selector: NodeSelectorRequirements;
  /** The terms, ORed; null: there is no required node affinity. */
  readonly terms: readonly Term[] | null;
}

const nothing: SchedulingConstraints = { os: '', selector: [], terms: null };

// Each requirement and each value weighs something, as all are held against every node; far beyond real pods. Who asks for more is taken to ask for nothing.
const maxWeight = 10_000;
const labelWeight = 40;
const fieldWeight = 20;
// The same for groups of nodes, where each term is held beside the selector.
const maxSize = 1_000;

export function constraintsOf(spec: Fields): SchedulingConstraints {
  const asked = { os: text(fields(spec['os'])['name']), selector: selectorOf(spec), terms: termsOf(spec) };
  const terms = asked.terms ?? [];
  const weight =
    weightOf([asked.selector, ...terms.map(({ labels }) => labels)], labelWeight) +
    weightOf(
      terms.map((term) => term.fields),
      fieldWeight,
    );
  return weight > maxWeight ? nothing : asked;
}

function weightOf(demands: readonly NodeSelectorRequirements[], each: number): number {
  let weight = 0;
  for (const demand of demands) for (const { values } of demand) weight += each + values.length;
  return weight;
}

/** As far as labels tell: a node has to meet one of the demands; null: any node will do. */
export function requirementsOf(spec: Fields): readonly NodeSelectorRequirements[] | null {
  const { os, selector, terms } = constraintsOf(spec);
  const common = [...(os === '' ? [] : [isOne(osLabel, os)]), ...selector];
  if (terms === null && common.length === 0) return null;
  const alternatives = terms?.map(({ labels }) => labels) ?? [[]];
  const size = alternatives.reduce((sum, term) => sum + sizeOf(term), alternatives.length * sizeOf(common));
  return size > maxSize ? null : alternatives.map((term) => [...common, ...term]);
}

function sizeOf(demand: NodeSelectorRequirements): number {
  return demand.reduce((sum, { values }) => sum + 1 + values.length, 1);
}

/** Does a label with this value meet all that is asked of it? undefined: the node does not have the label. */
export function admits(demand: NodeSelectorRequirements, key: string, value: string | undefined): boolean {
  return demand.every((requirement) => requirement.key !== key || valueMatcherFor(requirement)(value));
}

/** May the label be absent or have a value other than these? Yes unless the demand lists all that it may have. */
export function allowsOtherValues(
  demand: NodeSelectorRequirements,
  key: string,
  values: ReadonlySet<string>,
): boolean {
  const listed = demand.find((requirement) => requirement.key === key && requirement.operator === 'In');
  return !listed || listed.values.some((value) => !values.has(value) && admits(demand, key, value));
}

/** As requirements, each on one label. */
export function selectorRequirements(selector: Fields): NodeSelectorRequirements {
  return Object.entries(selector).map(([key, value]) => isOne(key, text(value)));
}

function selectorOf(spec: Fields): NodeSelectorRequirements {
  return selectorRequirements(fields(spec['nodeSelector']));
}

function isOne(key: string, value: string): Requirement {
  return { key, operator: 'In', values: [value] };
}

function termsOf(spec: Fields): readonly Term[] | null {
  const terms = requiredTerms(spec);
  if (!Array.isArray(terms)) return null;
  return terms
    .map(fields)
    .filter(hasRequirements)
    .map((term) => ({
      labels: requirements(term['matchExpressions']),
      fields: requirements(term['matchFields']),
    }));
}

/** `nodeSelectorTerms` of the required node affinity, as it came. */
export function requiredTerms(spec: Fields): unknown {
  const affinity = fields(fields(spec['affinity'])['nodeAffinity']);
  return fields(affinity['requiredDuringSchedulingIgnoredDuringExecution'])['nodeSelectorTerms'];
}

/** A term without a requirement matches no node. */
export function hasRequirements(term: Fields): boolean {
  return items(term['matchExpressions']).length > 0 || items(term['matchFields']).length > 0;
}

function requirements(list: unknown): NodeSelectorRequirements {
  return items(list)
    .filter(isObject)
    .map((expression) => ({
      key: text(expression['key']),
      operator: text(expression['operator']),
      values: items(expression['values']).map(text),
    }));
}
