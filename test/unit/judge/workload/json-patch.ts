/** RFC 6902 as the API server applies it, strict about parents and targets, for what Pratique sends. */
import type { PatchOperation } from '../../../../src/judge/patch/patch.ts';
import type { Json } from '../../../kit/fakes/pods.ts';

/** A copy of `object` with the operations done; throws where the API server would refuse the patch. */
export function applied(object: Json, patch: readonly PatchOperation[]): Json {
  // Through JSON, as the API server does: own members named `__proto__` survive it, unlike an assignment.
  const copy = JSON.parse(JSON.stringify(object)) as Json;
  for (const operation of patch) apply(copy, operation);
  return copy;
}

function apply(object: Json, operation: PatchOperation): void {
  const steps = operation.path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = steps.pop() ?? '';
  const parent = steps.reduce<Json>((value, step) => {
    if (!Object.hasOwn(value, step)) throw new Error(`${operation.path}: no ${step}`);
    return value[step] as Json;
  }, object);
  if (typeof parent !== 'object' || parent === null) throw new Error(`${operation.path}: no parent`);
  if (Array.isArray(parent) && key === '-') {
    if (operation.op !== 'add') throw new Error(`${operation.path}: no target`);
    parent.push(operation.value);
    return;
  }
  if (operation.op !== 'add' && !Object.hasOwn(parent, key)) throw new Error(`${operation.path}: no target`);
  if (operation.op === 'remove') delete parent[key];
  else parent[key] = operation.value;
}
