import { beforeEach, describe, expect, test } from '@jest/globals';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import {
  type AuthoritySecret,
  authoritySecret,
} from '../../../../src/watch/registration/authority-secret.ts';
import { type MemoryApi, memoryApi } from './memory-api.ts';

const path = '/api/v1/namespaces/pratique-system/secrets/pratique-ca';
const { signal } = new AbortController();
let api: MemoryApi;
let secret: AuthoritySecret;

beforeEach(() => {
  api = memoryApi();
  secret = authoritySecret(api, 'pratique-system');
});

describe('authoritySecret', () => {
  test('is created once, and a second replica reads it', async () => {
    expect(await secret.read(signal)).toBeNull();
    const made = await secret.create({ 'tls.crt': 'one' }, signal);
    expect(await secret.create({ 'tls.crt': 'other' }, signal)).toBeNull();
    expect(await secret.read(signal)).toEqual(made);
    expect(made?.data).toEqual({ 'tls.crt': 'one' });
    expect(api.objects.get(path)).toMatchObject({ type: 'Opaque', data: { 'tls.crt': 'b25l' } });
  });

  test('is replaced at the version that was read, with labels of others kept', async () => {
    const made = await secret.create({ 'tls.crt': 'one' }, signal);
    const { metadata, ...stored } = api.objects.get(path) ?? {};
    const annotated = { ...(metadata as object), annotations: { theirs: 'yes' } };
    api.objects.set(path, { ...stored, metadata: annotated });
    const next = await secret.replace(made?.version ?? '', { 'tls.crt': 'two' }, signal);
    expect(next?.data).toEqual({ 'tls.crt': 'two' });
    expect(api.objects.get(path)).toMatchObject({ metadata: { annotations: { theirs: 'yes' } } });
    expect(await secret.replace(made?.version ?? '', { 'tls.crt': 'three' }, signal)).toBeNull();
  });

  test('is requested by its name only', async () => {
    await secret.create({}, signal);
    await secret.read(signal);
    expect(api.requests).toEqual([`POST ${path.replace('/pratique-ca', '')}`, `GET ${path}`]);
  });

  test('that cannot be read is not absent', async () => {
    api.failure = new KubernetesError('Forbidden', 'no', { status: 403 });
    await expect(secret.read(signal)).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(secret.create({}, signal)).rejects.toMatchObject({ code: 'Forbidden' });
  });

  test('with data of any shape is read as text', async () => {
    api.objects.set(path, { metadata: { resourceVersion: '7' }, data: { 'tls.crt': 4, 'tls.key': '####' } });
    expect(await secret.read(signal)).toEqual({ version: '7', data: { 'tls.crt': '', 'tls.key': '' } });
  });
});
