import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { formatListenAddress, parseListenAddress } from '../../../../src/serve/http/listen-address.ts';

describe('parseListenAddress', () => {
  test.each([
    ['all interfaces', ':8443', { kind: 'tcp', host: null, port: 8443 }],
    ['an IPv4 address', '127.0.0.1:80', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
    ['a host name', 'localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
    ['an IPv6 address in brackets', '[::1]:0', { kind: 'tcp', host: '::1', port: 0 }],
    ['a unix socket', 'unix:/run/pratique.sock', { kind: 'unix', path: '/run/pratique.sock' }],
  ])('%s', (_, text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
    expect(formatListenAddress(parseListenAddress(text))).toBe(text);
  });

  test.each([
    ['nothing', ''],
    ['no port', 'localhost'],
    ['an empty port', 'localhost:'],
    ['a port too high', ':65536'],
    ['IPv6 without brackets', '::1:80'],
    ['a trailing newline', ':8443\n'],
    ['a URL', 'https://localhost:8443'],
    ['a relative unix path', 'unix:pratique.sock'],
    ['a negative port', ':-1'],
  ])('refuses %s', (_, text) => {
    expect(() => parseListenAddress(text)).toThrow(
      expect.objectContaining({
        name: 'ListenError',
        code: 'Syntax',
        message: expect.stringContaining('":8443"'),
      }),
    );
  });

  test('every text is an address that formats and parses to itself, or a ListenError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((host) => `${host}:80`),
        ),
        (text) => {
          try {
            const address = parseListenAddress(text);
            expect(parseListenAddress(formatListenAddress(address))).toEqual(address);
          } catch (error) {
            expect(error).toMatchObject({ code: 'Syntax' });
          }
        },
      ),
    );
  });
});
