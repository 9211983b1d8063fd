import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  dependsOnLookup,
  insecureRegistries,
  isInsecure,
  networkText,
  parseInsecure,
} from '../../../../src/resolve/endpoints/insecure-registries.ts';

const unknown = (): readonly string[] => [];
const registries = (...entries: string[]) => insecureRegistries(entries.map(parseInsecure));

describe('insecure-registries', () => {
  test.each([
    ['a host, as written', ['lab.corp.test'], 'lab.corp.test', true],
    ['not with a port it was not written with', ['lab.corp.test'], 'lab.corp.test:5000', false],
    ['a host with its port only', ['lab.corp.test:5000'], 'lab.corp.test', false],
    ['not in another case', ['lab.corp.test'], 'LAB.corp.test', false],
    ['a host whose entry had a scheme', ['https://lab.corp.test:5000'], 'lab.corp.test:5000', true],
    ['an address in a network', ['192.0.2.0/24'], '192.0.2.77:5000', true],
    ['an address in the network of a host address', ['192.0.2.9/24'], '192.0.2.200', true],
    ['not the address beyond it', ['192.0.2.0/25'], '192.0.2.128', false],
    ['an IPv6 address in a network', ['2001:db8:7::/48'], '[2001:db8:7:1::5]:5000', true],
    ['an IPv4 address written as IPv6', ['192.0.2.0/24'], '[::ffff:192.0.2.1]:5000', true],
    ['the loopback address, always', [], '127.3.2.1:80', true],
    ['never Docker Hub', ['index.docker.io', 'docker.io', '0.0.0.0/0'], 'docker.io', false],
  ])('insecure-registries covers %s', (_, entries, host, insecure) => {
    expect(isInsecure(registries(...entries), host, unknown)).toBe(insecure);
  });

  test('a name is insecure if one of its addresses is', () => {
    const names = (host: string) =>
      host === 'lab.corp.test' ? ['203.0.113.1', '192.0.2.1'] : ['not an address'];
    expect(isInsecure(registries('192.0.2.0/24'), 'lab.corp.test:5000', names)).toBe(true);
    expect(isInsecure(registries('192.0.2.0/24'), 'other.corp.test', names)).toBe(false);
  });

  test('a name depends on a lookup only if a network is configured', () => {
    expect(dependsOnLookup(registries('192.0.2.0/24'), 'lab.corp.test')).toBe(true);
    expect(dependsOnLookup(registries('192.0.2.0/24', 'lab.corp.test'), 'lab.corp.test')).toBe(false);
    expect(dependsOnLookup(registries('192.0.2.0/24'), '198.51.100.1')).toBe(false);
    expect(dependsOnLookup(registries('127.0.0.0/8'), 'lab.corp.test')).toBe(false);
  });

  test.each([
    'lab.corp.test/team',
    'lab_1.corp.test',
    '-lab.corp.test',
    'lab.corp.test:70000',
    '10.0.0.0/40',
    '10.0.0/8',
    'fe80::1%eth0',
    '',
  ])('the entry %j is rejected', (entry) => {
    expect(() => parseInsecure(entry)).toThrow(/insecure registry|registry name/);
  });

  test('an address is in a network exactly if their leading bits agree', () => {
    const address = fc.ipV4();
    const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), (base, candidate, bits) => {
        fc.pre(!candidate.startsWith('127.') && number(base) !== number('127.0.0.1'));
        const size = 2 ** (32 - bits);
        const together = Math.floor(number(base) / size) === Math.floor(number(candidate) / size);
        expect(isInsecure(registries(`${base}/${bits}`), candidate, unknown)).toBe(together);
      }),
    );
  });

  test('networks are shown by their own address and counted once', () => {
    const { networks } = registries('192.0.2.9/24', '192.0.2.0/24', '2001:db8::1/32');
    expect(networks.map(networkText)).toEqual(['192.0.2.0/24', '2001:db8::/32', '127.0.0.0/8', '::1/128']);
  });
});
