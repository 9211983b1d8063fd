import { expect, test } from '@jest/globals';
import { type CriAuth, criAuth } from '../../../../src/resolve/credentials/cri-auth.ts';

const pair = { username: 'me', password: 'pw' };
const auth = Buffer.from('me:p:w\0').toString('base64');

test.each<[string, CriAuth | null, [string, string]]>([
  ['nothing: anonymous', null, ['', '']],
  ['a pair', pair, ['me', 'pw']],
  ['the pair of the auth field, padding cut', { auth }, ['me', 'p:w']],
  ['an identity token beats the auth field', { identityToken: 'refresh', auth }, ['', 'refresh']],
  ['a pair beats the identity token', { ...pair, identityToken: 'refresh' }, ['me', 'pw']],
  ['this host', { ...pair, serverAddress: 'https://registry.test:5000/v1/' }, ['me', 'pw']],
  ['another port is another host', { ...pair, serverAddress: 'https://registry.test/' }, ['', '']],
  ['no URL is not a host', { ...pair, serverAddress: 'registry.test:5000' }, ['', '']],
])('%s', (_title, given, [username, secret]) => {
  expect(criAuth(given, 'registry.test:5000')).toEqual({ username, secret });
});

test('an auth field without a colon is an error', () => {
  expect(() => criAuth({ auth: Buffer.from('me').toString('base64') }, 'registry.test')).toThrow();
});
