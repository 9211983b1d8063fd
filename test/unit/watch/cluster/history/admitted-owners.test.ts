import { describe, expect, test } from '@jest/globals';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import type { ImageInspection } from '../../../../../src/watch/api/parse-inspection.ts';
import { AdmittedOwners } from '../../../../../src/watch/cluster/history/admitted-owners.ts';
import { InspectionIndex } from '../../../../../src/watch/cluster/history/inspection-index.ts';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { digestFor } from '../../../judge/scripted-inspector.ts';
import { record } from '../../controller/records.ts';
import { inspectionObject } from '../inspection-object.ts';
import { MemoryStore } from '../memory-store.ts';

function podOf(uid: string): PodRecord {
  return record({ controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid } });
}

function owners(pods: Readonly<Record<string, PodRecord>>, objects: readonly ImageInspection[] = []) {
  const store = new MemoryStore(pods);
  const inspectionIndex = new InspectionIndex({
    store: new MemoryStore(Object.fromEntries(objects.map((object, index) => [`${index}`, object]))),
    referenceIn,
  });
  return { store, admitted: new AdmittedOwners({ pods: store, inspectionIndex, referenceIn }) };
}

describe('AdmittedOwners', () => {
  test('knows a controller as long as it has a pod', () => {
    const { store, admitted } = owners({ a: podOf('u1'), b: podOf('u1') });
    expect(admitted.has('shop', 'u1', [])).toBe(true);
    store.put('a', undefined);
    expect(admitted.has('shop', 'u1', [])).toBe(true);
    store.put('b', undefined);
    expect(admitted.has('shop', 'u1', [])).toBe(false);
  });

  test.each([
    ['another controller', 'shop', 'u2'],
    ['another namespace', 'other', 'u1'],
  ])('does not know %s', (_title, namespace, uid) => {
    expect(owners({ a: podOf('u1') }).admitted.has(namespace, uid, ['nginx:1'])).toBe(false);
  });

  test('knows a controller without pods by the pins of its image, whatever the revision', () => {
    const pin = { container: 'web', digest: digestFor('nginx:1'), since: '2026-01-01T00:00:00Z' };
    const object = inspectionObject('nginx:1', { status: { pins: [{ ...pin, ownerUID: 'u1/5d4' }] } });
    const { admitted } = owners({}, [object]);
    expect(admitted.has('shop', 'u1', ['nginx:1'])).toBe(true);
    expect(admitted.has('shop', 'u1', ['nginx:2', 'Not An Image'])).toBe(false);
    expect(admitted.has('shop', 'u2', ['nginx:1'])).toBe(false);
  });
});
