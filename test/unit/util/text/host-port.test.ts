import { describe, expect, test } from '@jest/globals';
import { portOf, splitHostPort } from '../../../../src/util/text/host-port.ts';

describe('splitHostPort', () => {
  test.each([
    ['example.com:5000', 'example.com', '5000'],
    ['[::1]:5000', '::1', '5000'],
    ['example.com:', 'example.com', ''],
    [':80', '', '80'],
  ])('%s has a host and a port', (text, host, port) => {
    expect(splitHostPort(text)).toEqual({ ok: true, host, port });
  });

  test.each(['example.com', '', '[::1]', 'localhost'])('%j has no port', (text) => {
    expect(splitHostPort(text)).toEqual({ ok: false, reason: 'missing port' });
  });

  test.each(['::1', 'a:b:c', '[::1', '[::1]x:80', 'a[b]:80', '[[::1]]:80', 'a:[80'])(
    '%s is malformed',
    (text) => {
      expect(splitHostPort(text)).toEqual({ ok: false, reason: 'malformed' });
    },
  );

  test('the port of a host without one is empty', () => {
    expect([portOf('example.com'), portOf('example.com:443'), portOf('::1')]).toEqual(['', '443', '']);
  });
});
