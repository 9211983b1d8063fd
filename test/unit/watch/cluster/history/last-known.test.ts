import { describe, expect, test } from '@jest/globals';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import { formatAll } from '../../../../../src/resolve/platform/format.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import type { ImageInspection } from '../../../../../src/watch/api/read.ts';
import { type Asking, recalled } from '../../../../../src/watch/cluster/history/last-known.ts';
import { RememberedImages } from '../../../../../src/watch/cluster/history/remembered-images.ts';
import { digestFor, inspectionOf } from '../../../judge/scripted-inspector.ts';
import { inspectionObject, seenAt } from '../inspection-object.ts';
import { MemoryStore } from '../memory-store.ts';

const hour = 3_600_000;
const asking: Asking = { namespace: 'shop', serviceAccount: 'default', pullSecrets: [], names: [] };
const digest = digestFor('nginx:1');

interface Question {
  readonly image?: string;
  readonly asking?: Partial<Asking>;
  readonly hoursLater?: number;
  readonly maxStaleMs?: number;
}

function ask(objects: readonly ImageInspection[], question: Question = {}) {
  const store = new MemoryStore(Object.fromEntries(objects.map((object) => [object.name, object])));
  const images = new RememberedImages({ store, referenceIn });
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
  const inspection = recalled({ images, maxStaleMs, observer }, who, parseReference(image), now);
  return { inspection, events };
}

function seenWith(imagePullSecrets: readonly string[], serviceAccountName = 'default'): ImageInspection {
  const set = { serviceAccountName, imagePullSecrets, result: 'available', digest };
  return inspectionObject('nginx:1', { status: { credentials: [set] } });
}

describe('what was seen last', () => {
  test('is told by the tag, marked as old, and counted', () => {
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

  test('is told by the digest, whichever tag stands beside it', () => {
    for (const image of [`nginx:1@${digest}`, `nginx@${digest}`, `nginx:2@${digest}`]) {
      expect(ask([inspectionObject('nginx:1')], { image }).inspection).toMatchObject({
        digest,
        stale: true,
        reference: { digest },
      });
    }
  });

  test('of an earlier pin is told, but not its platforms', () => {
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

  test('by several objects is what is known in full', () => {
    const partly = inspectionObject('nginx:1', { name: 'partly', status: { platformsComplete: false } });
    expect(ask([partly, inspectionObject('nginx:1')]).inspection?.platformsComplete).toBe(true);
    expect(ask([inspectionObject('nginx:1'), partly]).inspection?.platformsComplete).toBe(true);
  });
});

describe('nothing is known', () => {
  test.each<[string, readonly ImageInspection[], Question]>([
    ['without an object', [], {}],
    ['by one about another tag', [inspectionObject('nginx:2')], {}],
    ['by one about another digest', [inspectionObject('nginx:2')], { image: `nginx@${digest}` }],
    ['in another namespace', [inspectionObject('nginx:1')], { asking: { namespace: 'other' } }],
    ['after a day', [inspectionObject('nginx:1')], { hoursLater: 24.1 }],
    ['where nothing old may be told', [inspectionObject('nginx:1')], { maxStaleMs: 0 }],
    [
      'by one that never saw it',
      [inspectionObject('nginx:1', { status: { digest: undefined, credentials: [] } })],
      {},
    ],
  ])('%s', (_title, objects, question) => {
    expect(ask(objects, question)).toEqual({ inspection: null, events: [] });
  });
});

describe('nobody hears what was told to others', () => {
  test.each<[string, ImageInspection, Partial<Asking>, boolean]>([
    ['the same secret', seenWith(['a']), { pullSecrets: ['a'], names: ['a'] }, true],
    ['the same in another order', seenWith(['a', 'b']), { pullSecrets: ['b', 'a'] }, true],
    ['fewer', seenWith(['a', 'b']), { pullSecrets: ['a'], names: ['a'] }, false],
    ['more', seenWith(['a']), { pullSecrets: ['a', 'b'] }, false],
    ['none', seenWith(['a']), {}, false],
    ['one where there was none', seenWith([]), { pullSecrets: ['a'], names: ['a'] }, false],
    ["none, and another service account's", seenWith([], 'robot'), {}, false],
    ['the same, and another service account', seenWith(['a'], 'robot'), { pullSecrets: ['a'] }, true],
    ["a template's, from its service account", seenWith(['a']), { names: ['a'] }, true],
  ])('%s', (_title, object, who, isTold) => {
    expect(ask([object], { asking: who }).inspection !== null).toBe(isTold);
  });

  test('a set that was refused hears nothing', () => {
    const set = { serviceAccountName: 'default', imagePullSecrets: [], result: 'denied' };
    expect(ask([inspectionObject('nginx:1', { status: { credentials: [set] } })]).inspection).toBeNull();
  });
});

test('an object that is gone is forgotten, one that has changed is seen anew', () => {
  const store = new MemoryStore<ImageInspection>();
  const images = new RememberedImages({ store, referenceIn });
  const about = (image: string) => [...images.about('shop', parseReference(image))].length;
  store.put('a', inspectionObject('nginx:1', { name: 'a' }));
  store.put('b', inspectionObject('docker.io/library/nginx:1', { name: 'b' }));
  expect([about('nginx:1'), about('nginx:2')]).toEqual([2, 0]);
  store.put('b', inspectionObject('nginx:2', { name: 'b' }));
  expect([about('nginx:1'), about('nginx:2')]).toEqual([1, 1]);
  store.put('a', undefined);
  store.put('b', undefined);
  expect([about('nginx:1'), about('nginx:2')]).toEqual([0, 0]);
});
