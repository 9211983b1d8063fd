/** What of a pod decides where it may run, and nothing else; what that means is `judge/nodes`'s. */
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { Interned } from './intern-pool.ts';

/** Parts that many pods share although they are bound to different nodes. */
const parts = ['nodeSelector', 'tolerations', 'os', 'runtimeClassName'] as const;
// Characters of JSON, far beyond real pods. Who asks for more is taken to ask for nothing, as in `judge/nodes`.
const maxSize = 32_768;
const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/** Equal ones are one object. */
export function schedulingOf(spec: Fields, shared: Interned<unknown>): Fields {
  const reduced: Record<string, unknown> = {};
  const nodeName = text(spec['nodeName']);
  if (nodeName !== '') reduced['nodeName'] = nodeName;
  const affinity = fields(fields(spec['affinity'])['nodeAffinity'])[required];
  if (affinity !== undefined) reduced['affinity'] = part({ nodeAffinity: { [required]: affinity } }, shared);
  for (const name of parts) {
    if (spec[name] !== undefined) reduced[name] = part(spec[name], shared);
  }
  return fields(part({ spec: reduced }, shared) ?? { spec: nodeName === '' ? {} : { nodeName } });
}

function part(value: unknown, shared: Interned<unknown>): unknown {
  const key = JSON.stringify(value);
  return key.length > maxSize ? undefined : shared.share(key, () => value);
}
