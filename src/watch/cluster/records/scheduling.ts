/** Projection of the pod fields that decide where it may run. `judge/nodes` interprets them. */
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { InternPool } from './intern-pool.ts';

/** Fields whose values pods on different nodes share. */
const parts = ['nodeSelector', 'tolerations', 'os', 'runtimeClassName'] as const;
// Limit of the constraints in characters of JSON, far beyond real pods. Larger constraints are ignored, as in
// `judge/nodes`.
const maxSize = 32_768;
const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/** Returns one shared object for equal constraints. */
export function projectScheduling(spec: Fields, shared: InternPool<unknown>): Fields {
  const reduced: Record<string, unknown> = {};
  const nodeName = text(spec['nodeName']);
  if (nodeName !== '') reduced['nodeName'] = nodeName;
  const affinity = fields(fields(spec['affinity'])['nodeAffinity'])[required];
  if (affinity !== undefined)
    reduced['affinity'] = sharePart({ nodeAffinity: { [required]: affinity } }, shared);
  for (const name of parts) {
    if (spec[name] !== undefined) reduced[name] = sharePart(spec[name], shared);
  }
  return fields(sharePart({ spec: reduced }, shared) ?? { spec: nodeName === '' ? {} : { nodeName } });
}

function sharePart(value: unknown, shared: InternPool<unknown>): unknown {
  const key = JSON.stringify(value);
  return key.length > maxSize ? undefined : shared.share(key, () => value);
}
