import { describe, expect, test } from '@jest/globals';
import { schema1Signed } from '../../../../src/resolve/manifest/media-types.ts';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import { payloadOf, signed } from '../manifest/signed.ts';
import { ask, client, endpoint, failureOf, latest, serving } from './asking.ts';

const manifest = {
  schemaVersion: 1,
  name: 'library/nginx',
  architecture: 'amd64',
  fsLayers: [],
  history: [],
};
const body = signed(manifest);
const digest = digestOf('sha256', Buffer.from(payloadOf(manifest)));
const raw = digestOf('sha256', Buffer.from(body));
const headers = { 'content-type': schema1Signed };

describe('signed schema 1', () => {
  test.each<[string, Record<string, string>]>([
    ['with', { ...headers, 'docker-content-digest': digest }],
    ['without', headers],
  ])('%s a digest header has the digest of its payload, by tag and by digest', async (_title, headers) => {
    const server = await serving(() => ({ headers, body }));
    for (const target of [latest, { digest }]) {
      const answer = await client().manifest(endpoint(server.origin), target, ask());
      expect(answer).toMatchObject({ digest, mediaType: schema1Signed });
      expect(Buffer.from(answer.body).toString()).toBe(body);
    }
  });

  test('of a registry that counts the signatures in is taken by that digest', async () => {
    const server = await serving(() => ({ headers: { ...headers, 'docker-content-digest': raw }, body }));
    for (const target of [latest, { digest: raw }])
      expect((await client().manifest(endpoint(server.origin), target, ask())).digest).toBe(raw);
  });

  test('whose payload is another is a mismatch', async () => {
    const forged = signed({ ...manifest, architecture: 's390x' });
    const server = await serving(() => ({ headers, body: forged }));
    const failure = await failureOf(client().manifest(endpoint(server.origin), { digest }, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'DigestMismatch' });
  });
});
