import { describe, expect, test } from '@jest/globals';
import { createAddressFilter, parseNetwork } from '../../../../../src/serve/http/limits/allowed-clients.ts';

describe('createAddressFilter', () => {
  test('is null without networks, so that every client is allowed', () => {
    expect(createAddressFilter([])).toBeNull();
  });

  test.each([
    ['10.1.2.3', true],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['fd00::9', true],
    ['2001:db8::1', false],
    ['unknown', false],
  ])('allows %s: %s', (address, isAllowed) => {
    const filter = createAddressFilter(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);
    expect(filter?.(address)).toBe(isAllowed);
  });
});

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  'localhost',
  'fd00::/129',
  '10.0.0.0/-1',
])('rejects the network "%s"', (text) => {
  expect(() => parseNetwork(text)).toThrow('is not a network');
});
