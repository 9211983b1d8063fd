/** The scheduler's and the kubelet's rules written the long way, to hold the real thing against: no bounds, no speed, well-formed pods only. */
import type { ClusterNode, RuntimeClass, Taint } from '../../../../src/judge/nodes/node.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface Spec {
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: {
    readonly nodeAffinity: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: {
        readonly nodeSelectorTerms: readonly {
          readonly matchExpressions?: readonly Requirement[];
          readonly matchFields?: readonly Requirement[];
        }[];
      };
    };
  };
  readonly tolerations?: readonly Toleration[];
  readonly os?: { readonly name: string };
}

export function naivelyEligible(
  node: ClusterNode,
  spec: Spec,
  runtimeClass: RuntimeClass | undefined,
): boolean {
  const labels = new Map(Object.entries(node.labels));
  if (spec.nodeName && node.name !== spec.nodeName) return false;
  if (spec.os && spec.os.name !== node.platform.os) return false;

  const selector = [
    ...Object.entries(spec.nodeSelector ?? {}),
    ...Object.entries(runtimeClass?.nodeSelector ?? {}),
  ];
  for (const [key, value] of selector) if (labels.get(key) !== value) return false;

  if (spec.affinity) {
    let matched = false;
    const required = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    for (const { matchExpressions = [], matchFields = [] } of required.nodeSelectorTerms) {
      if (matchExpressions.length + matchFields.length === 0) continue;
      const byLabel = matchExpressions.every((each) => isMet(each, labels.get(each.key)));
      const byField = matchFields.every((each) => isMet(each, node.name));
      if (byLabel && byField) matched = true;
    }
    if (!matched) return false;
  }

  const tolerations = [
    ...(spec.tolerations ?? []),
    ...((runtimeClass?.tolerations ?? []) as readonly Toleration[]),
  ];
  const counting = spec.nodeName ? ['NoExecute'] : ['NoExecute', 'NoSchedule'];
  for (const taint of node.taints) {
    if (!counting.includes(taint.effect)) continue;
    if (!tolerations.some((toleration) => isTolerated(toleration, taint))) return false;
  }
  return true;
}

function isMet({ operator, values }: Requirement, value: string | undefined): boolean {
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  // An empty text is not a number, although JavaScript reads it as 0.
  if (!value || !values[0]) return false;
  return operator === 'Gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0]);
}

function isTolerated({ key, operator, value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  if (operator === 'Gt') return value !== '' && taint.value !== '' && Number(taint.value) > Number(value);
  if (operator === 'Lt') return value !== '' && taint.value !== '' && Number(taint.value) < Number(value);
  return value === taint.value;
}
