import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Judge } from '../../../../src/judge/judge.ts';
import { configuredPlatforms } from '../../../../src/judge/nodes/placement/static-placement.ts';
import type { PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { type PendingContext, type PodContext, standalone } from '../../../../src/judge/cluster-context.ts';
import type { PatchOperation } from '../../../../src/judge/patch/patch.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import type { Inspector } from '../../../../src/resolve/inspection/inspection.ts';
import { type AdmissionOptions, admission } from '../../../../src/serve/admission/handler.ts';
import type { Admission, Webhook } from '../../../../src/serve/admission/observer.ts';
import type { AdmissionResponse } from '../../../../src/serve/admission/respond.ts';
import { type Json, pod, review } from '../../../kit/fakes/pods.ts';
import { allAt } from '../../judge/eligible-groups.ts';
import { policiesOf } from '../../judge/policies-of.ts';
import { digestFor, platforms, ScriptedInspector } from '../../judge/scripted-inspector.ts';
import { applied } from '../../judge/workload/json-patch.ts';

const folder = new URL('../../../fixtures/reviews/', import.meta.url);
const recorded = (name: string): Buffer => readFileSync(new URL(`${name}.json`, folder));
const requestOf = (body: Buffer): Json => (JSON.parse(body.toString()) as { request: Json }).request;
const around = (inspector: Inspector): PodContext =>
  standalone(anonymous, allAt(inspector, configuredPlatforms(platforms('linux/amd64').platforms)));
const pinned = (image: string): string => `${image}@${digestFor(image)}`;

interface Setting extends Partial<Omit<AdmissionOptions, 'judge' | 'observer'>> {
  readonly policy?: Partial<PolicyConfig>;
  readonly inspector?: ScriptedInspector;
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
}

interface Answered {
  readonly status: number;
  readonly body: Json;
  readonly response: AdmissionResponse;
  readonly patch: readonly PatchOperation[];
  readonly admissions: readonly Admission[];
}

async function post(webhook: Webhook, body: Buffer | Json, setting: Setting = {}): Promise<Answered> {
  const {
    policy,
    inspector = new ScriptedInspector(),
    signal = new AbortController().signal,
    patienceMs = Number.POSITIVE_INFINITY,
    ...options
  } = setting;
  const admissions: Admission[] = [];
  const handle = admission({
    judge: new Judge(policiesOf(policy)),
    contextProvider: () => around(inspector),
    deadlineMs: 5_000,
    observer: { answered: (each) => admissions.push(each) },
    ...options,
  });
  const reply = await handle(
    webhook,
    Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
    signal,
    patienceMs,
  );
  const answer = JSON.parse(reply.body) as Json;
  const response = (answer['response'] ?? {}) as AdmissionResponse;
  const patch = JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString()) as PatchOperation[];
  return { status: reply.status, body: answer, response, patch, admissions };
}

describe('reviews as a real API server sent them', () => {
  const files = readdirSync(folder).map((file) => file.replace('.json', ''));

  test.each(files)('%s is answered by both webhooks', async (file) => {
    const { uid } = requestOf(recorded(file));
    for (const webhook of ['mutate', 'validate'] as const) {
      const { status, body, response } = await post(webhook, recorded(file));
      expect(status).toBe(200);
      expect(body).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
      expect(response).toMatchObject({ uid, allowed: true });
    }
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    [
      'pod-create-user',
      {
        '/spec/initContainers/0/image': 'registry.example.com/shop/migrate:1.4.2',
        '/spec/initContainers/1/image': 'quay.io/proxy/envoy:v1.31',
        '/spec/containers/0/image': 'nginx:1.27',
      },
    ],
    [
      'pod-create-image-volume',
      {
        '/spec/containers/0/image': 'registry.example.com/ml/serve:1',
        '/spec/volumes/0/image/reference': 'registry.example.com/ml/weights:7b',
      },
    ],
    ['pod-create-server-side-apply', {}],
    ['pod-create-mirror', {}],
    ['pod-delete', {}],
    ['pod-ephemeralcontainers-update', { '/spec/ephemeralContainers/0/image': 'busybox:1.36' }],
    ['pod-update-image', { '/spec/containers/0/image': 'nginx:1.28' }],
    ['deployment-create', {}],
    ['cronjob-create', {}],
  ])('%s has exactly the images pinned that need it', async (file, images) => {
    const { patch } = await post('mutate', recorded(file));
    const pins = patch
      .filter(({ op }) => op === 'replace')
      .map((each) => [each.path, 'value' in each && each.value]);
    expect(Object.fromEntries(pins)).toEqual(
      Object.fromEntries(Object.entries(images).map(([path, image]) => [path, pinned(image)])),
    );
  });

  test.each(['deployment-create', 'cronjob-create'])(
    '%s is pinned where templates are to be',
    async (file) => {
      const { patch } = await post('mutate', recorded(file), { policy: { pin: 'templates' } });
      expect(patch.filter(({ op }) => op === 'replace')).not.toEqual([]);
    },
  );

  test.each(files)('%s, patched and sent again, needs no second patch', async (file) => {
    const first = JSON.parse(recorded(file).toString()) as { request: Json };
    const { patch } = await post('mutate', recorded(file));
    const object = first.request['object'];
    const again = {
      ...first,
      request: { ...first.request, object: object && applied(object as Json, patch) },
    };
    expect((await post('mutate', again)).patch).toEqual([]);
  });

  test('a dry run is answered like any other request', async () => {
    const wet = JSON.parse(recorded('pod-create-dryrun').toString()) as { request: Json };
    wet.request['dryRun'] = false;
    const dry = await post('mutate', recorded('pod-create-dryrun'));
    expect(dry.response).toEqual((await post('mutate', wet)).response);
    expect(dry.admissions).toMatchObject([{ dryRun: true }]);
  });
});

describe('requests that need no judgement', () => {
  const web = pod('web').container('nginx:1');
  const updated = (now: Json, before: Json): Json => review(now, { operation: 'UPDATE', oldObject: before });

  test.each<[string, Json | Buffer, string]>([
    ['a deletion', recorded('pod-delete'), 'Delete'],
    ['a mirror pod', recorded('pod-create-mirror'), 'StaticPod'],
    [
      'an object on its way out',
      updated(
        pod('web').meta('deletionTimestamp', '2026-01-01T00:00:00Z').container('nginx:2').build(),
        web.build(),
      ),
      'BeingDeleted',
    ],
    [
      'an update of something else',
      updated(pod('web').label('a', 'b').container('nginx:1').build(), web.build()),
      'Unchanged',
    ],
    [
      'an update that reorders',
      updated(
        pod('w').container('a:1', { name: 'a' }).container('b:1', { name: 'b' }).build(),
        pod('w').container('b:1', { name: 'b' }).container('a:1', { name: 'a' }).build(),
      ),
      'Unchanged',
    ],
    [
      'a pod that opts out where that is honoured',
      review(pod('web').label('pratique.dev/skip', 'true').container('nginx:1').build()),
      'OptOut',
    ],
  ])('%s', async (_title, body, exemption) => {
    const inspector = new ScriptedInspector();
    for (const webhook of ['mutate', 'validate'] as const) {
      const { response, admissions } = await post(webhook, body, { inspector, policy: { mode: 'warn' } });
      expect(response).toEqual({ uid: response.uid, allowed: true });
      expect(admissions).toMatchObject([{ webhook, decision: 'allow', reason: 'none', exemption }]);
    }
    expect(inspector.asked).toEqual([]);
  });

  test.each<[string, Json, Partial<PolicyConfig>]>([
    [
      'the label "false" does not opt out',
      pod('web').label('pratique.dev/skip', 'false').container('nginx:1').build(),
      {},
    ],
    [
      'an annotation does not opt out',
      pod('web').annotation('pratique.dev/skip', 'true').container('nginx:1').build(),
      {},
    ],
    [
      'the label does not opt out if skipLabel is false',
      pod('web').label('pratique.dev/skip', 'true').container('nginx:1').build(),
      { skipLabel: false },
    ],
    [
      'the label does not opt out if a rule for the namespace says so',
      pod('web').label('pratique.dev/skip', 'true').container('nginx:1').build(),
      { rules: [{ namespaces: ['shop'], skipLabel: false }] },
    ],
  ])('%s', async (_title, object, policy) => {
    expect((await post('mutate', review(object), { policy })).patch).not.toEqual([]);
  });

  test('an update judges only the images that changed', async () => {
    const inspector = new ScriptedInspector({ 'gone:1': { result: 'not-found' } });
    const before = pod('w').container('gone:1').container('nginx:1').build();
    const now = pod('w').container('gone:1').container('nginx:2').build();
    const { response } = await post('validate', updated(now, before), { inspector });
    expect(response.allowed).toBe(true);
    expect(inspector.asked).toEqual(['docker.io/library/nginx:2']);
  });

  test('in ephemeralcontainers only new containers are judged, and only images patched', async () => {
    const before = pod('w').container('nginx:1').ephemeral('old:1').build();
    const now = pod('w').container('nginx:9').ephemeral('old:1').ephemeral('busybox:1').build();
    const body = review(now, { operation: 'UPDATE', oldObject: before, subResource: 'ephemeralcontainers' });
    expect((await post('mutate', body)).patch).toEqual([
      { op: 'replace', path: '/spec/ephemeralContainers/1/image', value: pinned('busybox:1') },
    ]);
  });
});

describe('validate', () => {
  const web = review(pod('web').container('nginx:9', { name: 'web' }).build());
  const inspector = (): ScriptedInspector =>
    new ScriptedInspector({ 'nginx:9': { result: 'not-found', message: 'mirror answered 404' } });
  const line = 'container "web", image "nginx:9" (not-found): mirror answered 404';

  test('enforce denies with 403 and a message', async () => {
    const { response, admissions } = await post('validate', web, { inspector: inspector() });
    expect(response).toEqual({
      uid: response.uid,
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: line },
      auditAnnotations: { verdict: 'deny not-found', findings: line },
    });
    expect(admissions).toMatchObject([
      {
        webhook: 'validate',
        operation: 'CREATE',
        decision: 'deny',
        reason: 'not-found',
        message: line,
        kind: 'Pod',
        name: 'web',
        namespace: 'shop',
      },
    ]);
  });

  test('warn admits with a warning', async () => {
    const { response } = await post('validate', web, { inspector: inspector(), policy: { mode: 'warn' } });
    expect(response).toMatchObject({ allowed: true, warnings: [line] });
  });

  test('audit writes its verdict to the audit annotations only', async () => {
    const { response } = await post('validate', web, { inspector: inspector(), policy: { mode: 'audit' } });
    expect(response).toEqual({
      uid: response.uid,
      allowed: true,
      auditAnnotations: { verdict: 'allow not-found', findings: line },
    });
  });

  test('the mode label of the namespace counts', async () => {
    const contextProvider = () => ({ ...around(inspector()), labels: { 'pratique.dev/mode': 'enforce' } });
    const { response } = await post('validate', web, {
      policy: { mode: 'audit' },
      contextProvider,
    });
    expect(response.allowed).toBe(false);
  });

  test('an image that another webhook changed is judged as it is now', async () => {
    const moved = pod('web')
      .container(pinned('mirror.corp/nginx:1'))
      .annotation('pratique.dev/original-images', '{"c0":"nginx:1"}');
    const asked = new ScriptedInspector();
    await post('validate', review(moved.build()), { inspector: asked });
    expect(asked.asked).toEqual([pinned('mirror.corp/nginx:1')]);
  });

  test('mutate never denies', async () => {
    const { response, admissions } = await post('mutate', web, { inspector: inspector() });
    expect(response.allowed).toBe(true);
    expect(response).not.toHaveProperty('auditAnnotations');
    expect(admissions).toMatchObject([{ decision: 'allow', reason: 'not-found' }]);
  });
});

describe('time and errors', () => {
  const web = review(pod('web').container('nginx:1', { name: 'web' }).build());
  const never = (labels: PodContext['labels'] = {}): PendingContext => ({
    all: new Promise<never>(() => {}),
    soFar: () => ({ ...around(new ScriptedInspector()), labels }),
  });
  const silent = (): ScriptedInspector => {
    const inspector = new ScriptedInspector();
    inspector.silent = true;
    return inspector;
  };

  test.each<[string, Setting]>([
    ['an inspector that never answers', { inspector: silent() }],
    ['contextProvider that never come', { contextProvider: () => never() }],
  ])('%s is unavailable at the deadline, and counted as late', async (_title, setting) => {
    for (const [onUnavailable, allowed] of [
      ['allow', true],
      ['deny', false],
    ] as const) {
      const started = performance.now();
      const { response, admissions } = await post('validate', web, {
        ...setting,
        deadlineMs: 60,
        policy: { onUnavailable },
      });
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(response.allowed).toBe(allowed);
      const decision = allowed ? 'warn' : 'deny';
      expect(admissions).toMatchObject([{ decision, reason: 'unavailable', late: true }]);
    }
  });

  test('what is known at the deadline decides, including the label of the namespace', async () => {
    const contextProvider = () => never({ 'pratique.dev/mode': 'enforce' });
    const policy = { mode: 'warn', onUnavailable: 'deny' } as const;
    const { response, admissions } = await post('validate', web, { contextProvider, policy, deadlineMs: 60 });
    expect(response.allowed).toBe(false);
    expect(admissions).toMatchObject([{ decision: 'deny', reason: 'unavailable', late: true }]);
  });

  test.each([
    ['that waits for less than the deadline', 700],
    ['that hardly waits', 1],
  ])('a client %s is answered before it gives up', async (_title, patienceMs) => {
    const started = performance.now();
    const { admissions } = await post('validate', web, { inspector: silent(), patienceMs });
    expect(performance.now() - started).toBeLessThan(Math.max(patienceMs, 300));
    expect(admissions).toMatchObject([{ decision: 'warn', reason: 'unavailable', late: true }]);
  });

  test('a disconnected client ends the wait', async () => {
    const controller = new AbortController();
    const started = performance.now();
    setTimeout(() => controller.abort(), 20);
    await post('validate', web, { inspector: silent(), signal: controller.signal });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test.each<[string, Partial<PolicyConfig>, object]>([
    [
      'enforce, onError: deny',
      { onError: 'deny' },
      { allowed: false, status: { code: 500, reason: 'InternalError' } },
    ],
    [
      'enforce, onError: allow',
      {},
      { allowed: true, warnings: [expect.stringContaining('no labels today')] },
    ],
    [
      'warn',
      { mode: 'warn', onError: 'deny' },
      { allowed: true, warnings: [expect.stringContaining('no labels today')] },
    ],
    ['audit', { mode: 'audit', onError: 'deny' }, { allowed: true }],
  ])('an internal error is answered by a review: %s', async (_title, policy, wanted) => {
    for (const contextProvider of [
      () => ({ ...never(), all: Promise.reject(new Error('no labels today')) }),
      () => {
        throw new Error('no labels today');
      },
    ]) {
      const { status, response, admissions } = await post('validate', web, { contextProvider, policy });
      expect(status).toBe(200);
      expect(response).toMatchObject(wanted);
      expect(admissions).toMatchObject([{ decision: 'error', reason: 'none', error: expect.any(Error) }]);
    }
  });

  test('denies a pod with more different images than the limit, without asking a registry', async () => {
    const many = Array.from({ length: 300 }).reduce<ReturnType<typeof pod>>(
      (into, _, index) => into.container(`nginx:${index}`),
      pod('p'),
    );
    const inspector = new ScriptedInspector();
    const { response, admissions } = await post('validate', review(many.build()), { inspector });
    expect(response.status?.message).toBe(
      'container "c0", image "nginx:0" (invalid, TooManyImages): is one of more than 256 different images in the pod, the limit of Pratique. Split the pod.',
    );
    expect(admissions).toMatchObject([{ decision: 'deny', reason: 'invalid', error: null }]);
    expect(inspector.asked).toEqual([]);
  });

  test('a body that is not a review gets 400 and a reason', async () => {
    const { status, body, admissions } = await post('mutate', Buffer.from('{}'));
    expect(status).toBe(400);
    expect(body).toEqual({
      code: 'NotAReview',
      message: 'the body is not an AdmissionReview: its kind must be "AdmissionReview"',
    });
    expect(admissions).toMatchObject([{ operation: 'UNKNOWN', decision: 'error', reason: 'none' }]);
  });
});
