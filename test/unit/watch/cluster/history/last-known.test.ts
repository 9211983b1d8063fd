import { describe, expect, test } from '@jest/globals';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import { formatAll } from '../../../../../src/resolve/platform/format.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import type { ImageInspection } from '../../../../../src/watch/api/parse-inspection.ts';
import { type Requester, lastKnown } from '../../../../../src/watch/cluster/history/last-known.ts';
import { InspectionIndex } from '../../../../../src/watch/cluster/history/inspection-index.ts';
import { digestFor, inspectionOf } from '../../../judge/scripted-inspector.ts';
import { inspectionObject, seenAt } from '../inspection-object.ts';
import { MemoryStore } from '../memory-store.ts';

const hour = 3_600_000;
const asking: Requester = {
  namespace: 'shop',
  serviceAccount: 'default',
  pullSecrets: [],
  pullSecretNames: [],
};
const digest = digestFor('nginx:1');

interface Question {
  readonly image?: string;
  readonly asking?: Partial<Requester>;
  readonly hoursLater?: number;
  readonly maxStaleMs?: number;
}

function ask(objects: readonly ImageInspection[], question: Question = {}) {
  const store = new MemoryStore(Object.fromEntries(objects.map((object) => [object.name, object])));
  const images = new InspectionIndex({ store, referenceIn });
  const events: string[] = [];
  const observer = { cache: (event: string) => void events.push(event) };
  const image = question.image ?? 'nginx:1';
  const now = inspectionOf(image, {
    result: 'unavailable',
    message: 'nobody answers',
    inspectedAt: Date.parse(seenAt) + (question.hoursLater ?? 1) * hour,
  });
  const { maxStaleMs = 24 * hour } = question;
  const who = { ...asking, ...question.asking };
  const inspection = lastKnown(
    { inspectionIndex: images, maxStaleMs, observer },
    who,
    parseReference(image),
    now,
  );
  return { inspection, events };
}

function seenWith(imagePullSecrets: readonly string[], serviceAccountName = 'default'): ImageInspection {
  const set = { serviceAccountName, imagePullSecrets, result: 'available', digest };
  return inspectionObject('nginx:1', { status: { credentials: [set] } });
}

describe('lastKnown', () => {
  test('finds an image by its tag, marks it stale and counts it', () => {
    const { inspection, events } = ask([inspectionObject('nginx:1')]);
    expect(inspection).toMatchObject({
      result: 'available',
      stale: true,
      kind: 'index',
      digest,
      platformsComplete: true,
      endpoint: 'https://mirror.corp/v2',
      inspectedAt: Date.parse(seenAt),
      reference: { path: 'library/nginx', tag: '1' },
    });
    expect(inspection?.platforms.map(formatAll)).toEqual(['linux/amd64']);
    expect(inspection?.message).toContain('now: nobody answers');
    expect(events).toEqual(['stale']);
  });

  test('finds an image by its digest, whatever its tag', () => {
    for (const image of [`nginx:1@${digest}`, `nginx@${digest}`, `nginx:2@${digest}`]) {
      expect(ask([inspectionObject('nginx:1')], { image }).inspection).toMatchObject({
        digest,
        stale: true,
        reference: { digest },
      });
    }
  });

  test('returns an earlier pin without its platforms', () => {
    const earlier = digestFor('nginx:0');
    const pins = [{ ownerUID: 'r1', container: 'web', digest: earlier, since: seenAt }];
    const object = inspectionObject('nginx:1', { status: { pins } });
    expect(ask([object], { image: `nginx:1@${earlier}` }).inspection).toMatchObject({
      digest: earlier,
      platforms: [],
      platformsComplete: false,
      stale: true,
    });
  });

  test('prefers the object with complete platforms', () => {
    const partly = inspectionObject('nginx:1', { name: 'partly', status: { platformsComplete: false } });
    expect(ask([partly, inspectionObject('nginx:1')]).inspection?.platformsComplete).toBe(true);
    expect(ask([inspectionObject('nginx:1'), partly]).inspection?.platformsComplete).toBe(true);
  });
});

describe('lastKnown returns null', () => {
  test.each<[string, readonly ImageInspection[], Question]>([
    ['without an object', [], {}],
    ['by one about another tag', [inspectionObject('nginx:2')], {}],
    ['by one about another digest', [inspectionObject('nginx:2')], { image: `nginx@${digest}` }],
    ['in another namespace', [inspectionObject('nginx:1')], { asking: { namespace: 'other' } }],
    ['after a day', [inspectionObject('nginx:1')], { hoursLater: 24.1 }],
    ['where nothing old may be told', [inspectionObject('nginx:1')], { maxStaleMs: 0 }],
    [
      'for an image that was never seen',
      [inspectionObject('nginx:1', { status: { digest: undefined, credentials: [] } })],
      {},
    ],
  ])('%s', (_title, objects, question) => {
    expect(ask(objects, question)).toEqual({ inspection: null, events: [] });
  });
});

describe('lastKnown is restricted to the same credentials', () => {
  test.each<[string, ImageInspection, Partial<Requester>, boolean]>([
    ['the same secret', seenWith(['a']), { pullSecrets: ['a'], pullSecretNames: ['a'] }, true],
    ['the same in another order', seenWith(['a', 'b']), { pullSecrets: ['b', 'a'] }, true],
    ['fewer', seenWith(['a', 'b']), { pullSecrets: ['a'], pullSecretNames: ['a'] }, false],
    ['more', seenWith(['a']), { pullSecrets: ['a', 'b'] }, false],
    ['none', seenWith(['a']), {}, false],
    ['one where there was none', seenWith([]), { pullSecrets: ['a'], pullSecretNames: ['a'] }, false],
    ["none, and another service account's", seenWith([], 'robot'), {}, false],
    ['the same, and another service account', seenWith(['a'], 'robot'), { pullSecrets: ['a'] }, true],
    ["a template's, from its service account", seenWith(['a']), { pullSecretNames: ['a'] }, true],
  ])('for pods with %s', (_title, object, requester, isReturned) => {
    expect(ask([object], { asking: requester }).inspection !== null).toBe(isReturned);
  });

  test('excludes a set that was refused', () => {
    const set = { serviceAccountName: 'default', imagePullSecrets: [], result: 'denied' };
    expect(ask([inspectionObject('nginx:1', { status: { credentials: [set] } })]).inspection).toBeNull();
  });
});

test('the index drops deleted objects and updates changed ones', () => {
  const store = new MemoryStore<ImageInspection>();
  const images = new InspectionIndex({ store, referenceIn });
  const about = (image: string) => [...images.forImage('shop', parseReference(image))].length;
  store.put('a', inspectionObject('nginx:1', { name: 'a' }));
  store.put('b', inspectionObject('docker.io/library/nginx:1', { name: 'b' }));
  expect([about('nginx:1'), about('nginx:2')]).toEqual([2, 0]);
  store.put('b', inspectionObject('nginx:2', { name: 'b' }));
  expect([about('nginx:1'), about('nginx:2')]).toEqual([1, 1]);
  store.put('a', undefined);
  store.put('b', undefined);
  expect([about('nginx:1'), about('nginx:2')]).toEqual([0, 0]);
});
