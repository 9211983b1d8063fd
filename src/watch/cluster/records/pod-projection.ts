/** A pod as the cluster shows it → its record. */
import { fields, text } from '../../../util/unstructured.ts';
import { controllerOf, ownerOf } from './owner.ts';
import type { PodRecord } from './pod-record.ts';
import { recordOf, type SharedParts, sharedParts } from './projection.ts';

const pod = { group: '', kind: 'Pod' };

/** Reads a pod as record; null: it is none. Without `shared` nothing is shared with others. */
export function podRecordOf(object: unknown, shared: SharedParts = sharedParts()): PodRecord | null {
  const metadata = fields(fields(object)['metadata']);
  const phase = text(fields(fields(object)['status'])['phase']);
  const particulars = {
    owner: ownerOf(object),
    controller: controllerOf(metadata),
    isOver: phase === 'Succeeded' || phase === 'Failed',
  };
  return recordOf(object, pod, particulars, shared);
}
