import { describe, expect, test } from '@jest/globals';
import {
  type AddressPolicy,
  forbidAddress,
  forbidLiteral,
  guardedLookup,
} from '../../../../../src/resolve/registry/transport/addresses.ts';

const strict: AddressPolicy = { loopback: false, linkLocal: false, denied: [] };
const onLoopback: AddressPolicy = { ...strict, loopback: true };
const ofOperator: AddressPolicy = { ...strict, linkLocal: true };

function isForbidden(address: string, policy: AddressPolicy): boolean {
  try {
    forbidAddress('registry.test', address, policy);
    return false;
  } catch {
    return true;
  }
}

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
    expect(isForbidden(address, strict)).toBe(true);
    expect(isForbidden(address, onLoopback)).toBe(true);
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
    expect(isForbidden(address, strict)).toBe(true);
    expect(isForbidden(address, onLoopback)).toBe(false);
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
    expect(isForbidden(address, strict)).toBe(false);
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
    expect(() => forbidLiteral(hostname, strict)).toThrow();
    expect(() => forbidLiteral(hostname, onLoopback)).not.toThrow();
  });

  test.each(['registry.test', '10.0.0.1', 'localhost.test', 'notlocalhost'])('%s is not', (host) => {
    expect(() => forbidLiteral(host, strict)).not.toThrow();
  });
});

test("an operator's endpoint on a loopback address is the node's own, and no attack", () => {
  expect(() => forbidAddress('mirror.test', '127.0.0.1', ofOperator)).toThrow(
    expect.objectContaining({ code: 'LOOPBACK_ADDRESS' }),
  );
  expect(() => forbidAddress('mirror.test', '169.254.1.1', ofOperator)).not.toThrow();
});

test('a denied network is forbidden, also inside of a translated address', () => {
  const policy = { ...onLoopback, denied: ['10.0.0.0/8', 'fd00::/8'] };
  expect(['10.1.2.3', 'fd12::1', '64:ff9b::a00:1'].map((each) => isForbidden(each, policy))).toEqual([
    true,
    true,
    true,
  ]);
  expect(isForbidden('11.0.0.1', policy)).toBe(false);
});

describe('a guarded look-up', () => {
  const local = () =>
    Promise.resolve([
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
  const lookup = (policy: AddressPolicy, options: { all?: boolean; family?: number }) =>
    new Promise<unknown>((resolve, reject) => {
      guardedLookup(local, policy)('registry.test', options, (error, address) =>
        error ? reject(error) : resolve(address),
      );
    });

  test('fails when the name leads to a forbidden address', async () => {
    await expect(lookup(strict, { all: true })).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
    await expect(lookup(ofOperator, {})).rejects.toMatchObject({ code: 'LOOPBACK_ADDRESS' });
  });

  test('gives one address or all of them, of the requested family', async () => {
    expect(await lookup(onLoopback, {})).toBe('127.0.0.1');
    expect(await lookup(onLoopback, { family: 6 })).toBe('::1');
    expect(await lookup(onLoopback, { all: true })).toHaveLength(2);
  });
});
