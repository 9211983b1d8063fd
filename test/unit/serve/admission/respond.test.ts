import { describe, expect, test } from '@jest/globals';
import { allowed, denied, encode, errored, patched } from '../../../../src/serve/admission/respond.ts';

describe('responses', () => {
  test('allowed', () => {
    expect(allowed('u')).toEqual({ uid: 'u', allowed: true });
    expect(allowed('u', { warnings: [] })).toEqual({ uid: 'u', allowed: true });
    expect(allowed('u', { warnings: ['w'], auditAnnotations: { verdict: 'x' } })).toEqual({
      uid: 'u',
      allowed: true,
      warnings: ['w'],
      auditAnnotations: { verdict: 'x' },
    });
  });

  test('a denial has at most 4 KiB', () => {
    expect(denied('u', 'no')).toEqual({
      uid: 'u',
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: 'no' },
    });
    const { status } = denied('u', '\u{1f6a2}'.repeat(2_000));
    expect(Buffer.byteLength(status?.message ?? '')).toBeLessThanOrEqual(4096);
    expect(status?.message).toMatch(/^(?:\u{1f6a2})+…$/u);
  });

  test('a patch is the base64 of its operations, and an empty patch is omitted', () => {
    const operations = [{ op: 'replace', path: '/spec/containers/0/image', value: 'é' }] as const;
    const { patch, ...rest } = patched('u', operations);
    expect(rest).toEqual({ uid: 'u', allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(patch ?? '', 'base64').toString())).toEqual(operations);
    expect(patched('u', [])).toEqual({ uid: 'u', allowed: true });
  });

  test('an internal error allows, warns or denies', () => {
    expect(errored('u', 'allow', 'broken')).toEqual({ uid: 'u', allowed: true });
    expect(errored('u', 'warn', 'broken')).toEqual({ uid: 'u', allowed: true, warnings: ['broken'] });
    expect(errored('u', 'deny', 'broken')).toEqual({
      uid: 'u',
      allowed: false,
      status: { code: 500, reason: 'InternalError', message: 'broken' },
    });
  });

  test('the wire form is an AdmissionReview', () => {
    expect(JSON.parse(encode(allowed('u')))).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u', allowed: true },
    });
  });
});
