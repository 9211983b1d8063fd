/** One requirement on a label or field of a node, Kubernetes' `NodeSelectorRequirement`. Which of them a pod has, `demands.ts` reads. */

export interface Requirement {
  readonly key: string;
  /** Other words than Kubernetes' six are met by anything. */
  readonly operator: string;
  readonly values: readonly string[];
}

/** Requirements that all have to be met. */
export type NodeSelectorRequirements = readonly Requirement[];

/** undefined: the node has no such label. */
export type ValueMatcher = (value: string | undefined) => boolean;

// Below, going through the list is faster than hashing.
const fewValues = 8;

/** Kubernetes' `labels.Requirement.Matches`. */
export function valueMatcherFor({ operator, values }: Requirement): ValueMatcher {
  switch (operator) {
    case 'In':
      return isOneOf(values);
    case 'NotIn': {
      const isListed = isOneOf(values);
      return (value) => !isListed(value);
    }
    case 'Exists':
      return (value) => value !== undefined;
    case 'DoesNotExist':
      return (value) => value === undefined;
    case 'Gt':
      return (value) => isGreater(value, values[0]);
    case 'Lt':
      return (value) => isGreater(values[0], value);
    default:
      return () => true;
  }
}

function isOneOf(values: readonly string[]): ValueMatcher {
  if (values.length <= fewValues) return (value) => value !== undefined && values.includes(value);
  const set = new Set(values);
  return (value) => value !== undefined && set.has(value);
}

/** What is no 64-bit integer is neither greater nor less. */
export function isGreater(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [integer(one), integer(other)];
  return a !== null && b !== null && a > b;
}

/** Go's `strconv.ParseInt(value, 10, 64)`. */
function integer(value: string | undefined): bigint | null {
  if (value === undefined || !/^[+-]?\d{1,63}$/.test(value)) return null;
  const number = BigInt(value.replace('+', ''));
  return BigInt.asIntN(64, number) === number ? number : null;
}
