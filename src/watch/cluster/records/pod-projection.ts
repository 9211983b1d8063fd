/** Projection of a Pod to its record. */
import { fields, text } from '../../../util/unstructured.ts';
import { controllerOf, ownerOf } from './pod-owner.ts';
import type { PodRecord } from './pod-record.ts';
import { buildPodRecord, type InternPools, createInternPools } from './projection.ts';

const pod = { group: '', kind: 'Pod' };

/** Returns null if `object` is not a pod. Without `shared`, nothing is shared with other records. */
export function projectPod(object: unknown, shared: InternPools = createInternPools()): PodRecord | null {
  const metadata = fields(fields(object)['metadata']);
  const phase = text(fields(fields(object)['status'])['phase']);
  const ownership = {
    owner: ownerOf(object),
    controller: controllerOf(metadata),
    isOver: phase === 'Succeeded' || phase === 'Failed',
  };
  return buildPodRecord(object, pod, ownership, shared);
}
