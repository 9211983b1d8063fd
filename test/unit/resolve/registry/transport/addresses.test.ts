import { describe, expect, test } from '@jest/globals';
import {
  forbidLiteral,
  guardedLookup,
  isForbidden,
} from '../../../../../src/resolve/registry/transport/addresses.ts';

describe('an address', () => {
  test.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '::ffff:0:169.254.169.254',
    '2002:a9fe:a9fe::1',
    '::a9fe:a9fe',
  ])('%s is forbidden, even to an endpoint on this machine', (address) => {
    expect(isForbidden(address, false)).toBe(true);
    expect(isForbidden(address, true)).toBe(true);
  });

  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '64:ff9b::7f00:1',
    '::7f00:1',
  ])('%s is this machine: for endpoints that are on it', (address) => {
    expect(isForbidden(address, false)).toBe(true);
    expect(isForbidden(address, true)).toBe(false);
  });

  test.each([
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    'fd12::1',
    '100.64.0.1',
    '1.1.1.1',
    '2606:4700::1',
    '64:ff9b::a00:1',
    '2002:101:101::1',
  ])('%s is allowed: registries live there', (address) => {
    expect(isForbidden(address, false)).toBe(false);
  });
});

describe('the host of a URL', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    'a.localhost',
    'localhost.',
    '[::1]',
    '127.1',
    '2130706433',
    '0x7f.1',
  ])('%s is this machine, however it is written', (host) => {
    const { hostname } = new URL(`http://${host}/`);
    expect(() => forbidLiteral(hostname, false)).toThrow();
    expect(() => forbidLiteral(hostname, true)).not.toThrow();
  });

  test.each(['registry.test', '10.0.0.1', 'localhost.test', 'notlocalhost'])('%s is not', (host) => {
    expect(() => forbidLiteral(host, false)).not.toThrow();
  });
});

describe('a guarded look-up', () => {
  const lookup = (allowed: boolean, all: boolean) =>
    new Promise<unknown>((resolve, reject) => {
      guardedLookup(allowed)('localhost', { all }, (error, address) =>
        error ? reject(error) : resolve(address),
      );
    });

  test('fails when the name leads to a forbidden address', async () => {
    await expect(lookup(false, true)).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
    await expect(lookup(false, false)).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
  });

  test('gives one address or all of them, as it was asked', async () => {
    expect(typeof (await lookup(true, false))).toBe('string');
    expect(await lookup(true, true)).toContainEqual(expect.objectContaining({ address: expect.any(String) }));
  });

  test('passes on that a name has no address', async () => {
    const none = new Promise((resolve) => guardedLookup(false)('nowhere.invalid', {}, resolve));
    expect(await none).toMatchObject({ code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
  });
});
