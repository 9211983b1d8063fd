import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { builtinKinds, workloadKinds } from '../../../../src/judge/workload/workload-kinds.ts';
import { decodeReview, ReviewError } from '../../../../src/serve/admission/review.ts';
import { type Json, pod, review } from '../../../kit/fakes/pods.ts';

const folder = new URL('../../../fixtures/reviews/', import.meta.url);
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const web = pod('web').container('nginx:1').build();

/** A review of a pod with changed members of its request. */
function changed(request: Json): Json {
  const made = review(web);
  return { ...made, request: { ...(made['request'] as Json), ...request } };
}

function codeOf(body: Buffer): string {
  try {
    decodeReview(body, builtinKinds);
  } catch (error) {
    if (error instanceof ReviewError) return error.code;
    throw error;
  }
  return 'none';
}

describe('decodeReview', () => {
  test.each(readdirSync(folder))('reads %s as the API server sent it', (file) => {
    const body = readFileSync(new URL(file, folder));
    const { request } = JSON.parse(body.toString()) as { request: Json };
    expect(decodeReview(body, builtinKinds)).toMatchObject({
      uid: request['uid'],
      operation: request['operation'],
      namespace: 'shop',
      name: request['name'] ?? '',
      dryRun: file === 'pod-create-dryrun.json',
      object: request['operation'] === 'DELETE' ? null : request['object'],
      oldObject: request['oldObject'],
    });
  });

  test.each<[string, unknown, string]>([
    ['nothing', null, 'NotAReview'],
    ['a pod', web, 'NotAReview'],
    ['another kind', { ...review(web), kind: 'ConversionReview' }, 'NotAReview'],
    ['version v1beta1', { ...review(web), apiVersion: 'admission.k8s.io/v1beta1' }, 'Version'],
    ['no version', { kind: 'AdmissionReview' }, 'Version'],
    ['no request', { ...review(web), request: null }, 'NoUid'],
    ['no uid', changed({ uid: undefined }), 'NoUid'],
    ['a uid that is not a text', changed({ uid: 7 }), 'NoUid'],
    ['a uid without end', changed({ uid: 'u'.repeat(129) }), 'NoUid'],
    ['an unknown operation', changed({ operation: 'PATCH' }), 'Operation'],
    ['a kind without pods', changed({ kind: { group: '', version: 'v1', kind: 'ConfigMap' } }), 'Kind'],
    [
      'a kind of another group',
      changed({ kind: { group: 'example.com', version: 'v1', kind: 'Pod' } }),
      'Kind',
    ],
    ['no object', changed({ object: null }), 'NoObject'],
    ['a list for an object', changed({ object: [] }), 'NoObject'],
    ['nothing at all wrong', changed({}), 'none'],
    ['no kind but the object’s own', changed({ kind: null }), 'none'],
    ['members that nobody knows', changed({ mood: 'fair' }), 'none'],
  ])('%s', (_title, body, code) => {
    expect(codeOf(bytes(body))).toBe(code);
  });

  test.each<[string, Buffer, string]>([
    ['no JSON', Buffer.from('{'), 'NotJson'],
    ['no bytes', Buffer.alloc(0), 'NotJson'],
    ['Latin-1', Buffer.from('{"kind":"é"}', 'latin1'), 'NotUtf8'],
    ['a million brackets', Buffer.from('['.repeat(1_000_000)), 'TooDeep'],
  ])('%s', (_title, body, code) => {
    expect(codeOf(body)).toBe(code);
  });

  test('accepts a kind of policy.templates', () => {
    const kind = { group: 'argoproj.io', kind: 'Rollout' };
    const kinds = workloadKinds([{ ...kind, path: '/spec/template' }]);
    expect(decodeReview(bytes(changed({ kind })), kinds).kind).toEqual(kind);
  });

  test('names the wrong value and the right one', () => {
    expect(() =>
      decodeReview(bytes({ ...review(web), apiVersion: 'admission.k8s.io/v1beta1' }), builtinKinds),
    ).toThrow(
      'apiVersion must be admission.k8s.io/v1, not admission.k8s.io/v1beta1; set admissionReviewVersions: [v1]',
    );
    expect(() => decodeReview(bytes(changed({ kind: { group: 'a\nb', kind: 'C' } })), builtinKinds)).toThrow(
      "request.kind is a b/C, which is neither a pod nor a known kind with a pod template; correct the webhook's rules",
    );
  });
});
