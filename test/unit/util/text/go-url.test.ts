import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseGoUrl } from '../../../../src/util/text/go-url.ts';

describe('parseGoUrl', () => {
  test.each<[string, string, string, string, string]>([
    ['an address with port and path', 'https://m.corp:5000/proxy', 'https', 'm.corp:5000', '/proxy'],
    ['a scheme in upper case', 'HTTPS://m.corp', 'https', 'm.corp', ''],
    ['a host in upper case, which stays so', 'https://M.corp', 'https', 'M.corp', ''],
    ['dots that a browser would resolve', 'https://m.corp/a/../b', 'https', 'm.corp', '/a/../b'],
    ['an address without a scheme', '//m.corp/x', '', 'm.corp', '/x'],
    ['a path that is escaped', 'https://m.corp/a%20b', 'https', 'm.corp', '/a b'],
    ['an IPv6 address', 'http://[::1]:5000', 'http', '[::1]:5000', ''],
    ['query and fragment', 'https://m.corp/x?y#z', 'https', 'm.corp', '/x'],
    ['user information', 'https://user:secret@m.corp', 'https', 'm.corp', ''],
    ['three slashes', 'file:///etc', 'file', '', '/etc'],
  ])('reads %s', (_, text, scheme, host, path) => {
    expect(parseGoUrl(text)).toEqual({ scheme, host, path, opaque: '' });
  });

  test('a name with a port and no slashes is a scheme with something opaque', () => {
    expect(parseGoUrl('m.corp:5000/x')).toEqual({ scheme: 'm.corp', host: '', path: '', opaque: '5000/x' });
  });

  test.each([
    ['a control character', 'https://m.corp/\n'],
    ['a space in the host', 'https://m corp'],
    ['a port that is not a number', 'https://m.corp:http'],
    ['a bracket that stays open', 'https://[::1'],
    ['a broken escape', 'https://m.corp/%zz'],
    ['a colon where no scheme can be', '5000:x'],
    ['no scheme before the colon', '://m.corp'],
    ['an odd user', 'https://us er@m.corp'],
  ])('refuses %s', (_, text) => {
    expect(parseGoUrl(text)).toBeNull();
  });

  test('what both accept as a plain https address reads the same here and in URL', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const port = fc.integer({ min: 1, max: 65_535 }).filter((each) => each !== 443);
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 3 }),
        port,
        fc.array(label),
        (labels, number, parts) => {
          const text = `https://${labels.join('.')}:${number}/${parts.join('/')}`;
          const url = new URL(text);
          expect(parseGoUrl(text)).toMatchObject({ scheme: 'https', host: url.host, path: url.pathname });
        },
      ),
    );
  });
});
