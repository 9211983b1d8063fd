/** Registries that say back what they were sent, in every form that an error or a manifest can take. */
import { describe, expect, test } from '@jest/globals';
import type { Credential } from '../../../../../src/resolve/credentials/credential.ts';
import type { Handler } from '../../../../kit/fakes/scripted-registry.ts';
import { ask, client, endpoint, failureOf, latest, serving } from '../asking.ts';

const credential: Credential = { username: 'alice', password: 'Tr0ub4dor&3x' };
const { password } = credential;
const pair = `${credential.username}:${password}`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const costumes: Readonly<Record<string, string>> = {
  'as it is': password,
  'with its user': pair,
  'in a sentence': `the password ${password} is wrong`,
  'as base64': base64(pair),
  'as base64 without padding': base64(pair).replace(/=+$/, ''),
  'as base64 for URLs': Buffer.from(pair).toString('base64url'),
  'the password alone as base64': base64(password),
  'as a header': `Authorization: Basic ${base64(pair)}`,
  'URL-encoded': encodeURIComponent(password),
  'URL-encoded throughout': [...Buffer.from(password)].map((byte) => `%${byte.toString(16)}`).join(''),
  'as hexadecimal': Buffer.from(password).toString('hex'),
  'in upper case': password.toUpperCase(),
  reversed: Array.from(password).toReversed().join(''),
  'with spaces': Array.from(password).join(' '),
  'with dashes': Array.from(password).join('-'),
  'with control characters': Array.from(password).join('\u0000'),
  'as character references': Array.from(password)
    .map((each) => `&#${each.charCodeAt(0)};`)
    .join(''),
  'as unicode escapes': Array.from(password)
    .map((each) => `\\u00${each.charCodeAt(0).toString(16)}`)
    .join(''),
};

const rows = Object.entries(costumes);

/** Asks for a password, then answers by `answer`. */
function guarded(answer: ReturnType<Handler>): Handler {
  return ({ headers }) =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }
      : answer;
}

function expectNoTrace(message: string): void {
  const bare = message.toLowerCase().replace(/[^a-z0-9&]/g, '');
  const wanted = password.toLowerCase();
  for (const form of [
    wanted,
    Array.from(wanted).toReversed().join(''),
    base64(pair).toLowerCase().replace(/=+$/, ''),
  ]) {
    expect(bare).not.toContain(form);
  }
  expect(message).not.toContain(password);
  expect(message).not.toContain(encodeURIComponent(password));
}

describe('credentials that a registry repeats', () => {
  test.each(rows)('in an error document %s reach no message', async (_what, text) => {
    const body = { errors: [{ code: 'DENIED', message: text }] };
    const server = await serving(guarded({ status: 403, body }));
    const failure = await failureOf(
      client().manifest(endpoint(server.origin), latest, ask({ with: [credential] })),
    );
    expect(failure.code).toBe('denied');
    expectNoTrace(failure.message);
    expect(failure.message).toContain('[redacted');
  });

  test.each(rows)('in a manifest %s make it unusable', async (_what, text) => {
    const body = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ platform: { os: text, architecture: 'amd64' } }],
    };
    const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
    const server = await serving(guarded({ headers, body }));
    const failure = await failureOf(
      client().manifest(endpoint(server.origin), latest, ask({ with: [credential] })),
    );
    expect(failure).toMatchObject({ code: 'malformed', reason: 'EchoedCredentials' });
    expectNoTrace(failure.message);
  });

  test.each(['content-type', 'content-encoding', 'location'])(
    'in the header %s reach no message',
    async (name) => {
      const status = name === 'location' ? 307 : 404;
      const server = await serving(
        guarded({
          status: name === 'content-encoding' ? 200 : status,
          headers: { [name]: `x/${password}` },
          body: '<html>',
        }),
      );
      const failure = await failureOf(
        client().manifest(endpoint(server.origin), latest, ask({ with: [credential] })),
      );
      expectNoTrace(failure.message);
    },
  );

  test('as the token of another request reach no message', async () => {
    const token = 'c2VjcmV0LXRva2VuLTEyMzQ';
    const tokens = await serving(() => ({ body: { token } }));
    const server = await serving(({ headers }) =>
      headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': `Bearer realm="${tokens.origin}/"` } }
        : { status: 403, body: { errors: [{ code: 'DENIED', message: `no ${token}` }] } },
    );
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, ask()));
    expect(failure.message).not.toContain(token);
  });
});

test('a message without the credentials stays as it is', async () => {
  const body = { errors: [{ code: 'DENIED', message: 'requested access to the resource is denied' }] };
  const server = await serving(guarded({ status: 403, body }));
  const failure = await failureOf(
    client().manifest(endpoint(server.origin), latest, ask({ with: [credential] })),
  );
  expect(failure.message).toContain('DENIED requested access to the resource is denied');
});
