/** What a pod asks of its node's labels: `nodeSelector`, required node affinity, `os.name`. Names, taints and resources are not read here. */
import { type Fields, fields, isObject, items, text } from '../workload/read.ts';

/** As in `NodeSelectorRequirement`. */
export interface Requirement {
  readonly key: string;
  /** Other words than Kubernetes' six are met by anything. */
  readonly operator: string;
  readonly values: readonly string[];
}

/** Requirements that all have to be met. */
export type Demand = readonly Requirement[];

export const osLabel = 'kubernetes.io/os';

// Requirements and values, far beyond real pods: each is held against every group. Who asks for more is taken to ask for nothing.
const maxSize = 1_000;

/** A node has to meet one of the demands; null: any node will do. */
export function demandsOf(spec: Fields): readonly Demand[] | null {
  const common = [...osOf(spec), ...selectorOf(spec)];
  const required = termsOf(spec);
  if (required === null && common.length === 0) return null;
  const terms = required ?? [[]];
  const size = terms.reduce((sum, term) => sum + sizeOf(term), terms.length * sizeOf(common));
  return size > maxSize ? null : terms.map((term) => [...common, ...term]);
}

function sizeOf(demand: Demand): number {
  return demand.reduce((sum, { values }) => sum + 1 + values.length, 1);
}

/** Does a label with this value meet all that is asked of it? undefined: the node does not have the label. */
export function admits(demand: Demand, key: string, value: string | undefined): boolean {
  return demand.every((requirement) => requirement.key !== key || meets(requirement, value));
}

/** May the label be absent or have a value other than these? Yes unless the demand lists all that it may have. */
export function leavesOthers(demand: Demand, key: string, values: ReadonlySet<string>): boolean {
  const listed = demand.find((requirement) => requirement.key === key && requirement.operator === 'In');
  return !listed || listed.values.some((value) => !values.has(value) && admits(demand, key, value));
}

/** Kubernetes' `labels.Requirement.Matches`. */
function meets({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return integer(value) > integer(values[0]);
    case 'Lt':
      return integer(value) < integer(values[0]);
    default:
      return true;
  }
}

/** NaN compares as false with anything, as what is no integer does there. */
function integer(value: string | undefined): number {
  return value !== undefined && /^[+-]?\d{1,18}$/.test(value) ? Number(value) : Number.NaN;
}

/** The scheduler does not look at it, but the kubelet refuses the pod. */
function osOf(spec: Fields): readonly Requirement[] {
  const name = text(fields(spec['os'])['name']);
  return name === '' ? [] : [isOne(osLabel, name)];
}

function selectorOf(spec: Fields): readonly Requirement[] {
  return Object.entries(fields(spec['nodeSelector'])).map(([key, value]) => isOne(key, text(value)));
}

function isOne(key: string, value: string): Requirement {
  return { key, operator: 'In', values: [value] };
}

/** The terms, ORed; null: there is no required node affinity. */
function termsOf(spec: Fields): readonly Demand[] | null {
  const affinity = fields(fields(spec['affinity'])['nodeAffinity']);
  const required = fields(affinity['requiredDuringSchedulingIgnoredDuringExecution']);
  const terms = required['nodeSelectorTerms'];
  if (!Array.isArray(terms)) return null;
  return terms.map(fields).filter(asksAnything).map(expressionsOf);
}

/** A term without a requirement matches no node. */
function asksAnything(term: Fields): boolean {
  return items(term['matchExpressions']).length > 0 || items(term['matchFields']).length > 0;
}

/** `matchFields` knows only the node's name, of which labels tell nothing. */
function expressionsOf(term: Fields): Demand {
  return items(term['matchExpressions'])
    .filter(isObject)
    .map((expression) => ({
      key: text(expression['key']),
      operator: text(expression['operator']),
      values: items(expression['values']).map(text),
    }));
}
