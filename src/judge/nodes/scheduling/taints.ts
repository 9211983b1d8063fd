/** Check of taints against tolerations, with the semantics of Kubernetes' `Toleration.ToleratesTaint`. */
import { fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { Taint } from '../node.ts';
import { isGreater } from './requirement.ts';

/** Returns true if a pod tolerates the taint. */
export type Tolerance = (taint: Taint) => boolean;

interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly effect: string;
}

// Limit of tolerations: real pods have a dozen, and further ones are ignored.
const maxTolerations = 1_000;

/** Reads `tolerations` of a pod or a RuntimeClass. */
export function toleranceOf(tolerations: unknown): Tolerance {
  const all = items(tolerations).slice(0, maxTolerations).filter(isObject).map(tolerationOf);
  // Thousands of nodes share a few taints, so each taint is compared once.
  const known = new Map<string, boolean>();
  return (taint) => {
    const key = `${taint.effect}/${taint.key}=${taint.value}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const tolerated = all.some((toleration) => tolerates(toleration, taint));
    known.set(key, tolerated);
    return tolerated;
  };
}

/**
 * Returns true if the scheduler keeps the pod off a node with this taint; `PreferNoSchedule` only makes it
 * prefer other nodes.
 */
export function blocksScheduling(taint: Taint, tolerance: Tolerance): boolean {
  return taint.effect !== 'PreferNoSchedule' && !tolerance(taint);
}

/**
 * Does the same for a pod with `nodeName`, which bypasses the scheduler: the kubelet checks only `NoExecute`.
 */
export function evicts(taint: Taint, tolerance: Tolerance): boolean {
  return taint.effect === 'NoExecute' && !tolerance(taint);
}

function tolerationOf(value: unknown): Toleration {
  const { key, operator, value: wanted, effect } = fields(value);
  return { key: text(key), operator: text(operator), value: text(wanted), effect: text(effect) };
}

/** Returns true if one toleration covers the taint. An empty key or effect matches every key or effect. */
function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  switch (operator) {
    case '':
    case 'Equal':
      return value === taint.value;
    case 'Exists':
      return true;
    // The API server accepts these two operators only with a feature gate.
    case 'Gt':
      return isDecimal(value) && isDecimal(taint.value) && isGreater(taint.value, value);
    case 'Lt':
      return isDecimal(value) && isDecimal(taint.value) && isGreater(value, taint.value);
    default:
      return false;
  }
}

/** Accepts what apimachinery's `IsDecimalInteger` accepts: no leading zeros, and no plus sign. */
function isDecimal(value: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(value);
}
