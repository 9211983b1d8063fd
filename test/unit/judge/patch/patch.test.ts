import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Judge } from '../../../../src/judge/judge.ts';
import { type Subject, subjectOf } from '../../../../src/judge/subject.ts';
import { standalone } from '../../../../src/judge/cluster-context.ts';
import { originalImages } from '../../../../src/judge/patch/originals.ts';
import { type PatchOperation, verdictAnnotation } from '../../../../src/judge/patch/patch.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import { deployment, type Json, type PodBuilder, pod } from '../../../kit/fakes/pods.ts';
import { allAt } from '../eligible-groups.ts';
import { policiesOf } from '../policies-of.ts';
import { digestFor, type Script, ScriptedInspector } from '../scripted-inspector.ts';
import { applied } from '../workload/json-patch.ts';

function subjectFrom(object: Json, changes: Partial<Subject> = {}): Subject {
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  return { ...subjectOf(workload, 'default'), ...changes };
}

function patchOf(
  object: Json,
  script: Script = {},
  changes: Partial<Subject> = {},
): readonly PatchOperation[] {
  const inspector = new ScriptedInspector(script);
  inspector.warm = true;
  const judge = new Judge(policiesOf({ pin: 'templates' }));
  const around = standalone(anonymous, allAt(inspector));
  const judgement = judge.begin(subjectFrom(object, changes), around).tryNow();
  if (!judgement) throw new Error('every inspection was known');
  return judgement.patch;
}

const metadataOf = (object: Json): Json => object['metadata'] as Json;
const annotationsOf = (object: Json): Readonly<Record<string, string>> =>
  (metadataOf(object)['annotations'] ?? {}) as Record<string, string>;
const pinned = (image: string): string => `${image}@${digestFor(image)}`;

describe('the patch of a pod', () => {
  const plain = pod('web').container('nginx:1', { name: 'web' });

  test('creates annotations if there are none', () => {
    expect(patchOf(plain.build())).toEqual([
      { op: 'replace', path: '/spec/containers/0/image', value: pinned('nginx:1') },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/pratique.dev~1original-images', value: '{"web":"nginx:1"}' },
      { op: 'add', path: '/metadata/annotations/pratique.dev~1verdict', value: 'available' },
    ]);
  });

  test('leaves other annotations alone', () => {
    const object = pod('web').annotation('team', 'a').container('nginx:1', { name: 'web' }).build();
    expect(patchOf(object).map(({ path }) => path)).toEqual([
      '/spec/containers/0/image',
      '/metadata/annotations/pratique.dev~1original-images',
      '/metadata/annotations/pratique.dev~1verdict',
    ]);
  });

  test('overwrites a value that another author wrote under our keys', () => {
    const object = pod('web')
      .annotation(originalImages, '{"web":"evil:1","other":"x"}')
      .annotation(verdictAnnotation, 'trust me')
      .container('nginx:1', { name: 'web' })
      .build();
    const after = applied(object, patchOf(object));
    expect(annotationsOf(after)).toEqual({
      [originalImages]: '{"web":"nginx:1"}',
      [verdictAnnotation]: 'available',
    });
  });

  test.each([
    ['of the same repository is remembered', pinned('nginx:1'), '{"web":"nginx:1"}', '{"web":"nginx:1"}'],
    [
      'of an image without its tag, too',
      `nginx@${digestFor('nginx:1')}`,
      '{"web":"nginx:1"}',
      '{"web":"nginx:1"}',
    ],
    [
      'of another host is not: somebody moved the image',
      pinned('mirror.corp/nginx:1'),
      '{"web":"nginx:1"}',
      undefined,
    ],
    ['that is a digest itself is not', pinned('nginx:1'), `{"web":"${pinned('nginx:1')}"}`, undefined],
    ['that is not an image is ignored', pinned('nginx:1'), '{"web":"::"}', undefined],
    ['of another container is not', pinned('nginx:1'), '{"db":"nginx:1"}', undefined],
    ['in JSON of another shape is not', pinned('nginx:1'), '{"web":["nginx:1"]}', undefined],
    ['in no JSON at all is not', pinned('nginx:1'), '{"web":', undefined],
  ])('an original %s', (_title, image, before, after) => {
    const object = pod('web').annotation(originalImages, before).container(image, { name: 'web' }).build();
    expect(annotationsOf(applied(object, patchOf(object)))[originalImages]).toBe(after);
  });

  test('an update of one image keeps the originals of the others, and does not touch those', () => {
    const object = pod('web')
      .annotation(originalImages, '{"a":"nginx:1","b":"redis:1"}')
      .container(pinned('nginx:1'), { name: 'a' })
      .container('redis:2', { name: 'b' })
      .build();
    const subject = subjectFrom(object);
    const after = applied(object, patchOf(object, {}, { uses: subject.uses.slice(1) }));
    expect(annotationsOf(after)[originalImages]).toBe('{"a":"nginx:1","b":"redis:2"}');
  });

  test('changes only images in the subresource ephemeralcontainers', () => {
    const object = pod('web').container('nginx:1').ephemeral('busybox:1').build();
    const workload = templateOf(object);
    const uses = workload?.uses.filter(({ kind }) => kind === 'ephemeral') ?? [];
    expect(patchOf(object, {}, { uses, imagesOnly: true })).toEqual([
      { op: 'replace', path: '/spec/ephemeralContainers/0/image', value: pinned('busybox:1') },
    ]);
  });

  test('omits annotations that would exceed the limit, and still pins the image', () => {
    const object = plain.build();
    metadataOf(object)['annotations'] = { big: 'x'.repeat(256 * 1024 - 10) };
    expect(patchOf(object).map(({ path }) => path)).toEqual(['/spec/containers/0/image']);
  });

  test('creates metadata in a template without it', () => {
    const object = deployment('api', plain);
    delete ((object['spec'] as Json)['template'] as Json)['metadata'];
    expect(patchOf(object).map(({ op, path }) => `${op} ${path}`)).toEqual([
      'replace /spec/template/spec/containers/0/image',
      'add /spec/template/metadata',
      'add /spec/template/metadata/annotations',
      'add /spec/template/metadata/annotations/pratique.dev~1original-images',
    ]);
  });
});

describe('any patch of any pod', () => {
  const image = fc.constantFrom(
    'nginx',
    'nginx:1',
    'reg.corp:5000/team/app',
    'gone:1',
    'stale:1',
    'Bad Name',
    '',
    'scratch',
    pinned('nginx:1'),
    `sha256:${'a'.repeat(64)}`,
    'arm:1',
  );
  const script: Script = {
    'gone:1': { result: 'not-found' },
    'stale:1': { stale: true },
    'arm:1': { result: 'unavailable' },
  };
  const name = fc.constantFrom('a', 'b/c', 'd~e', '__proto__', 'constructor', '7', '');
  const pullPolicy = fc.constantFrom('Always', 'IfNotPresent', 'Never', '');
  const use = fc.record({
    kind: fc.constantFrom('container', 'init', 'ephemeral', 'imageVolume'),
    image,
    name,
    pullPolicy,
  });
  // The API server refuses two containers of one name, of whatever kind.
  const uses = fc.uniqueArray(use, {
    maxLength: 8,
    selector: ({ name, kind }) => `${kind === 'imageVolume'}/${name}`,
  });
  const annotations = fc.dictionary(
    fc.constantFrom('team', originalImages, verdictAnnotation, '__proto__'),
    fc.constantFrom('', 'x', '{"a":"nginx"}', '{"__proto__":"nginx:1"}', '[]'),
  );

  type Use = { kind: string; image: string; name: string; pullPolicy: string };

  function built(uses: readonly Use[], notes: Record<string, string> | null): Json {
    const builder = uses.reduce<PodBuilder>((into, { kind, image, name, pullPolicy }) => {
      const add = into[kind as 'container'].bind(into);
      return add(image, { name, ...(pullPolicy && { pullPolicy }) });
    }, pod('p'));
    return notes ? builder.meta('annotations', notes).build() : builder.build();
  }

  const object = fc
    .record({ uses, notes: fc.option(annotations), template: fc.boolean() })
    .map(({ uses, notes, template }) => {
      const made = built(uses, notes);
      return template
        ? { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec: { template: made } }
        : made;
    });

  const allowedPath =
    /^(?:\/spec\/template)?(?:\/spec\/(?:(?:init|ephemeral)?[cC]ontainers\/\d+\/image|volumes\/\d+\/image\/reference)|\/metadata\/annotations(?:\/pratique\.dev~1(?:original-images|verdict))?)$/;

  test('touches images and our annotations by exact path, nothing else', () => {
    fc.assert(
      fc.property(object, (made) => {
        for (const operation of patchOf(made, script)) {
          expect(operation.path).toMatch(allowedPath);
          if (operation.path.endsWith('/annotations'))
            expect(operation).toMatchObject({ op: 'add', value: {} });
        }
      }),
    );
  });

  test('changes nothing but images and our annotations', () => {
    const blanked = (made: Json): unknown =>
      JSON.parse(
        JSON.stringify(made, (key, value: unknown) => {
          if (key === 'annotations') {
            const { [originalImages]: _o, [verdictAnnotation]: _v, ...others } = value as Json;
            return Object.keys(others).length === 0 ? undefined : others;
          }
          return typeof value === 'string' && (key === 'image' || key === 'reference')
            ? value.split('@')[0]
            : value;
        }),
      );
    fc.assert(
      fc.property(object, (made) => {
        expect(blanked(applied(made, patchOf(made, script)))).toEqual(blanked(made));
      }),
    );
  });

  test('is empty in a second pass', () => {
    fc.assert(
      fc.property(object, (made) => {
        expect(patchOf(applied(made, patchOf(made, script)), script)).toEqual([]);
      }),
    );
  });

  test('keeps the original text of each image', () => {
    fc.assert(
      fc.property(uses, (uses) => {
        const made = built(uses, null);
        const after = applied(made, patchOf(made, script));
        const notes = JSON.parse(annotationsOf(after)[originalImages] ?? '{}') as Json;
        const before = templateOf(made)?.uses ?? [];
        const now = templateOf(after)?.uses ?? [];
        const pinnedNow = before.filter((use, index) => use.image !== now[index]?.image);
        expect(new Map(Object.entries(notes))).toEqual(
          new Map(pinnedNow.map(({ container, image }) => [container, image])),
        );
      }),
    );
  });
});
