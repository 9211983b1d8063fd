/** Requirement on a label or field of a node (Kubernetes' `NodeSelectorRequirement`) and its evaluation. */

export interface Requirement {
  readonly key: string;
  /** One of Kubernetes' six operators; any other operator matches every value. */
  readonly operator: string;
  readonly values: readonly string[];
}

/** List of requirements, all of which a node must meet. */
export type NodeSelectorRequirements = readonly Requirement[];

/** Returns true if a value meets a requirement; undefined means that the node lacks the label. */
export type ValueMatcher = (value: string | undefined) => boolean;

// Number of values up to which a list is searched faster than a set.
const fewValues = 8;

/** Compiles a requirement, with the semantics of Kubernetes' `labels.Requirement.Matches`. */
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

/** Compares 64-bit integers. Any other text is neither greater nor less. */
export function isGreater(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [integer(one), integer(other)];
  return a !== null && b !== null && a > b;
}

/** Parses like Go's `strconv.ParseInt(value, 10, 64)`; null if Go reports an error. */
function integer(value: string | undefined): bigint | null {
  if (value === undefined || !/^[+-]?\d{1,63}$/.test(value)) return null;
  const number = BigInt(value.replace('+', ''));
  return BigInt.asIntN(64, number) === number ? number : null;
}
