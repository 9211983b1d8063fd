import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { buildInspection, buildStatusUpdate } from '../../../../src/watch/api/apply.ts';
import { readInspection } from '../../../../src/watch/api/parse-inspection.ts';
import { buildStatus } from '../../../../src/watch/controller/status/build-status.ts';
import { inputs, object } from '../controller/status/inputs.ts';

const metadata = {
  namespace: 'shop',
  name: 'web',
  uid: 'u',
  resourceVersion: '7',
  generation: 3,
  creationTimestamp: '2026-01-02T03:04:05Z',
  labels: { 'app.kubernetes.io/managed-by': 'pratique', other: 'x' },
  managedFields: [{ manager: 'pratique' }],
};
const spec = { image: 'nginx:1.27' };
const status = {
  observedGeneration: 3,
  result: 'available',
  usedBy: { pods: 1, workloads: 1, names: [] },
  lastInspected: '2026-01-02T03:04:05Z',
};
const empty = {
  platforms: [],
  missingPlatforms: [],
  endpoints: [],
  credentials: [],
  pins: [],
  running: [],
  conditions: [],
};

describe('readInspection', () => {
  test('keeps the fields that are needed', () => {
    expect(readInspection({ apiVersion: 'v', kind: 'k', metadata, spec, status })).toEqual({
      namespace: 'shop',
      name: 'web',
      uid: 'u',
      resourceVersion: '7',
      generation: 3,
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      isManaged: true,
      isBeingDeleted: false,
      inspectNow: '',
      spec,
      status: { ...status, ...empty },
    });
  });

  test('reads an object of a user before its first inspection', () => {
    const read = readInspection({
      metadata: { ...metadata, labels: undefined, deletionTimestamp: 'now' },
      spec,
    });
    expect(read).toMatchObject({ isManaged: false, isBeingDeleted: true, status: null });
  });

  test('drops only the fields that are invalid', () => {
    const read = readInspection({
      metadata,
      spec: { ...spec, platforms: 'linux/amd64', interval: '10m', later: 1 },
      status: { ...status, digest: 'md5:1', pins: [{ since: 'yesterday' }], reason: 'Stays', later: {} },
    });
    expect(read?.spec).toEqual({ ...spec, interval: '10m' });
    expect(read?.status).toEqual({ ...status, ...empty, reason: 'Stays' });
  });

  test.each([{ result: 'wonderful' }, { lastInspected: 'x' }, { usedBy: undefined }])(
    'drops a status with %j',
    (change) => {
      expect(readInspection({ metadata, spec, status: { ...status, ...change } })?.status).toBeNull();
    },
  );

  test.each([null, 'x', [], {}, { metadata }, { metadata, spec: {} }, { spec }])(
    'returns null for %j',
    (object) => {
      expect(readInspection(object)).toBeNull();
    },
  );

  test('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (spec, status) => {
        readInspection({ metadata, spec, status });
        readInspection(spec);
      }),
    );
  });
});

describe('a status update', () => {
  test('can be read back', () => {
    const made = buildInspection('shop', 'web', 'nginx:1.27');
    expect(readInspection(made)).toMatchObject({ namespace: 'shop', name: 'web', isManaged: true, spec });
    const status = buildStatus(inputs());
    expect(buildStatusUpdate(object(), status)).toMatchObject({
      metadata: { namespace: 'shop', name: 'nginx-1.27-0123456789', resourceVersion: '1' },
      status: { result: 'available' },
    });
    expect(buildStatusUpdate(object(), status)).not.toHaveProperty('status.pins');
  });
});
