/** The proof that `leaks.test.ts` could fail: a secret that is let out is seen, in whatever form. */
import { describe, expect, test } from '@jest/globals';
import { town } from '../../../kit/fakes/registry-fleet.ts';
import { closing } from '../inspection/harness.ts';

describe('a leak would be seen', () => {
  const secret = 'pa/ss+wo rd?~é>>>S3cret';
  const { base64, hex } = {
    base64: Buffer.from(secret).toString('base64'),
    hex: Buffer.from(secret).toString('hex'),
  };
  const leaks: Record<string, RequestInit & { readonly query?: string }> = {
    'in a query': { query: `?q=${encodeURIComponent(secret)}` },
    'in the query of a form': { query: `?${new URLSearchParams({ q: secret }).toString()}` },
    'in a form': { method: 'POST', body: new URLSearchParams({ refresh_token: secret }) },
    'in JSON': { method: 'POST', body: JSON.stringify({ secret }) },
    'as it is': { method: 'POST', body: `x${secret}` },
    'in hexadecimal': { headers: { x: hex.toUpperCase() } },
    'in base64': { headers: { authorization: `Bearer ${base64}` } },
    'in base64 for URLs': { query: `?q=${Buffer.from(secret).toString('base64url')}` },
    'in escaped base64': { query: `?q=${encodeURIComponent(base64)}` },
    ...Object.fromEntries(
      ['u', 'us', 'use', 'user'].map((user) => [
        `as the password of ${user}`,
        { headers: { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` } },
      ]),
    ),
  };
  test.each(Object.entries(leaks))('%s', async (_title, { query = '', ...request }) => {
    const there = closing(
      await town({ 'mirror.test': () => ({ body: 'ok' }), 'app.test': () => ({ body: 'ok' }) }),
    );
    await (await fetch(`http://${there.hosts.get('mirror.test:80')}/${query}`, request)).text();
    expect(there.seen({ secret, other: 'pa/ss+wo rd?~é>>>secret' })).toEqual({
      secret: ['http://mirror.test'],
    });
  });

  test('in an answer too', async () => {
    const there = closing(await town({ 'mirror.test': () => ({ body: secret }) }));
    await (await fetch(`http://${there.hosts.get('mirror.test:80')}/`)).text();
    expect(there.seen({ secret })).toEqual({ secret: ['http://mirror.test'] });
  });
});
