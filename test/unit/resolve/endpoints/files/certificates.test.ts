import { describe, expect, test } from '@jest/globals';
import { readCertificates } from '../../../../../src/resolve/endpoints/files/certificates.ts';
import { FileError } from '../../../../../src/resolve/endpoints/files/files.ts';
import { mapPath, mappedFiles } from '../../../../../src/resolve/endpoints/files/files.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';

const source = { file: '/etc/certs.d/docker.io/hosts.toml', line: 3 };

describe('readCertificates', () => {
  test('certificate names stay as configured, with their contents in the same order', () => {
    const files = memoryFiles({
      '/a.crt': 'A',
      '/b.crt': 'B',
      '/c.pem': 'C',
      '/c.key': 'K',
      '/both.pem': 'D',
    });
    const client = [
      { cert: '/c.pem', key: '/c.key' },
      { cert: '/both.pem', key: '' },
    ];
    expect(readCertificates({ ca: ['/a.crt', '/b.crt'], client, skipVerify: false }, source, files)).toEqual({
      skip: null,
      tls: {
        ca: ['/a.crt', '/b.crt'],
        client,
        skipVerify: false,
        caPem: ['A', 'B'],
        clientPem: [
          { cert: 'C', key: 'K' },
          { cert: 'D', key: 'D' },
        ],
      },
    });
  });

  test('a missing certificate skips the endpoint and names the file and its place', () => {
    const names = { ca: ['/no.crt'], client: [{ cert: '/c.pem', key: '/no.key' }], skipVerify: true };
    const { skip } = readCertificates(names, source, memoryFiles({ '/c.pem': 'C' }));
    expect(skip?.reason).toBe('FileMissing');
    expect(skip?.message).toContain('/no.crt does not exist; /no.key does not exist');
    expect(skip?.message).toContain('/etc/certs.d/docker.io/hosts.toml:3');
  });

  test('a certificate that cannot be read skips the endpoint', () => {
    const files = {
      read: (path: string): string => {
        throw new FileError(path, 'permission denied');
      },
      readBytes: () => null,
      list: () => null,
    };
    const { skip } = readCertificates({ ca: ['/a.crt'], client: [], skipVerify: false }, source, files);
    expect(skip).toMatchObject({
      reason: 'FileMissing',
      message: expect.stringContaining('/a.crt cannot be read'),
    });
  });
});

describe('pathMap', () => {
  test.each<[string, string, Record<string, string>]>([
    ['/etc/ca.crt', '/host/etc/ca.crt', { '/etc': '/host/etc' }],
    ['/etc/ca.crt', '/host/etc/ca.crt', { '/etc/': '/host/etc/' }],
    ['/etc/ca.crt', '/host/etc/ca.crt', { '/': '/host' }],
    ['/etc/pki/ca.crt', '/pki/ca.crt', { '/etc': '/host/etc', '/etc/pki': '/pki' }],
    ['/etcetera/ca.crt', '/etcetera/ca.crt', { '/etc': '/host/etc' }],
    ['certs.d/ca.crt', 'certs.d/ca.crt', { '/etc': '/host/etc' }],
    ['/etc', '/host/etc', { '/etc': '/host/etc' }],
  ])('pathMap finds %s at %s', (path, place, pathMap) => {
    expect(mapPath(path, pathMap)).toBe(place);
  });

  test('mapped files keep their names on the node', () => {
    const files = mappedFiles(memoryFiles({ '/host/etc/certs/ca.crt': 'A' }), { '/etc': '/host/etc' });
    expect(files.read('/etc/certs/ca.crt')).toBe('A');
    expect(files.list('/etc/certs')).toEqual(['ca.crt']);
  });
});
