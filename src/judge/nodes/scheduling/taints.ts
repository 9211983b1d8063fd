/** Taints against tolerations, Kubernetes' `Toleration.ToleratesTaint`. Which taints a node has, `node-of.ts` reads. */
import { fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { Taint } from '../node.ts';
import { isGreater } from './requirement.ts';

/** Is this taint tolerated? */
export type Tolerance = (taint: Taint) => boolean;

interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly effect: string;
}

// Real pods have a dozen. A pod that lists more is taken to tolerate no more.
const maxTolerations = 1_000;

/** `tolerations` as a pod or a RuntimeClass has them. */
export function toleranceOf(tolerations: unknown): Tolerance {
  const all = items(tolerations).slice(0, maxTolerations).filter(isObject).map(tolerationOf);
  // Thousands of nodes share a few taints.
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

/** Does a taint keep the pod off? One that only makes the scheduler prefer others does not. */
export function blocksScheduling(taint: Taint, tolerance: Tolerance): boolean {
  return taint.effect !== 'PreferNoSchedule' && !tolerance(taint);
}

/** The same for a pod that names its node: it passes the scheduler by, and the kubelet asks for this effect only. */
export function evicts(taint: Taint, tolerance: Tolerance): boolean {
  return taint.effect === 'NoExecute' && !tolerance(taint);
}

function tolerationOf(value: unknown): Toleration {
  const { key, operator, value: wanted, effect } = fields(value);
  return { key: text(key), operator: text(operator), value: text(wanted), effect: text(effect) };
}

/** An empty key or effect stands for all of them. */
function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  switch (operator) {
    case '':
    case 'Equal':
      return value === taint.value;
    case 'Exists':
      return true;
    // Behind a feature gate, without which the API server refuses them.
    case 'Gt':
      return isDecimal(value) && isDecimal(taint.value) && isGreater(taint.value, value);
    case 'Lt':
      return isDecimal(value) && isDecimal(taint.value) && isGreater(value, taint.value);
    default:
      return false;
  }
}

/** apimachinery's `IsDecimalInteger`: no leading zeros, no plus. */
function isDecimal(value: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(value);
}
