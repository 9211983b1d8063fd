/** Which nodes a pod may land on: by the rules of the scheduler, or of the kubelet where the pod names its node. Room on them is not asked for. */
import { type Fields, text } from '../../../util/unstructured.ts';
import { constraintsOf, selectorRequirements, type Term } from './scheduling-constraints.ts';
import type { ClusterNode, RuntimeClass } from '../node.ts';
import { type NodeSelectorRequirements, valueMatcherFor } from './requirement.ts';
import { blocksScheduling, type Tolerance, evicts, toleranceOf } from './taints.ts';

export interface Eligibility {
  /** Only nodes of these names can do; null: any. */
  readonly names: ReadonlySet<string> | null;
  readonly admits: (node: ClusterNode) => boolean;
}

type Test = (node: ClusterNode) => boolean;

const nameField = 'metadata.name';

/**
 * `spec` of a pod or template. What the RuntimeClass asks counts too: in a pod the API server has put it there already,
 * in a template it has not.
 */
export function eligibility(spec: Fields, runtimeClass: RuntimeClass | undefined): Eligibility {
  const { os, selector, terms } = constraintsOf(spec);
  const nodeName = text(spec['nodeName']);
  const tests: Test[] = [
    ...(nodeName === '' ? [] : [({ name }: ClusterNode) => name === nodeName]),
    ...(os === '' ? [] : [({ platform }: ClusterNode) => platform.os === os]),
    ...labelTests(selector),
    ...labelTests(selectorRequirements(runtimeClass?.nodeSelector ?? {})),
    ...(terms === null ? [] : [anyOf(terms)]),
    taintTest(spec, runtimeClass, nodeName === '' ? blocksScheduling : evicts),
  ];
  return {
    names: nodeName === '' ? namesOf(terms) : new Set([nodeName]),
    admits: (node) => tests.every((test) => test(node)),
  };
}

/** A pod that is there already stays, whatever has become of the node's labels and taints. */
export function boundTo(nodeName: string): Eligibility {
  return { names: new Set([nodeName]), admits: ({ name }) => name === nodeName };
}

function labelTests(demand: NodeSelectorRequirements): readonly Test[] {
  return demand.map((requirement) => {
    const { key } = requirement;
    const test = valueMatcherFor(requirement);
    // Own members only: `constructor` is no label.
    return ({ labels }) => test(Object.hasOwn(labels, key) ? labels[key] : undefined);
  });
}

function anyOf(terms: readonly Term[]): Test {
  const alternatives = terms.map(({ labels, fields }) => [...fieldTests(fields), ...labelTests(labels)]);
  return (node) => alternatives.some((tests) => tests.every((test) => test(node)));
}

function fieldTests(demand: NodeSelectorRequirements): readonly Test[] {
  return demand.map((requirement) => {
    const test = valueMatcherFor(requirement);
    // Of a field that a node does not have nothing is known but that it is empty.
    return ({ name }) => test(requirement.key === nameField ? name : '');
  });
}

function taintTest(
  spec: Fields,
  runtimeClass: RuntimeClass | undefined,
  repels: typeof blocksScheduling | typeof evicts,
): Test {
  const own = toleranceOf(spec['tolerations']);
  const added = runtimeClass && toleranceOf(runtimeClass.tolerations);
  const tolerance: Tolerance = added ? (taint) => own(taint) || added(taint) : own;
  return ({ taints }) => !taints.some((taint) => repels(taint, tolerance));
}

/** Each pod of a DaemonSet names its node, in every term: thousands of them must not look at thousands of nodes each. */
function namesOf(terms: readonly Term[] | null): ReadonlySet<string> | null {
  if (terms === null) return null;
  const names = new Set<string>();
  for (const { fields } of terms) {
    const named = fields.find(({ key, operator }) => key === nameField && operator === 'In');
    if (!named) return null;
    for (const name of named.values) names.add(name);
  }
  return names;
}
