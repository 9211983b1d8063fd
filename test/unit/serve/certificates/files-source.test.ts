import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FilesSource } from '../../../../src/serve/certificates/files-source.ts';
import {
  type Authority,
  issueAuthority,
  issueLeaf,
} from '../../../../src/serve/certificates/authority/issue.ts';
import type { Certificate, CertificateError } from '../../../../src/serve/certificates/source.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const day = 86_400_000;
let authority: Authority;
let first: Certificate;
let second: Certificate;
let expired: Certificate;
let folder: string;
let stop: AbortController;

beforeAll(async () => {
  authority = await issueAuthority(Date.now());
  first = await issueLeaf(authority, ['first'], Date.now());
  second = await issueLeaf(authority, ['second'], Date.now());
  expired = await issueLeaf(authority, ['expired'], Date.now() - 200 * day);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pratique-'));
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true });
});

function write(cert: string, key: string, into = folder): void {
  writeFileSync(join(into, 'tls.crt'), cert);
  writeFileSync(join(into, 'tls.key'), key);
}

function source(ca?: string) {
  const loaded: Certificate[] = [];
  const refused: CertificateError[] = [];
  const made = new FilesSource({
    cert: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    ...(ca === undefined ? {} : { ca: join(folder, ca) }),
    observer: {
      certificateLoaded: (certificate) => loaded.push(certificate),
      certificateRejected: (error) => refused.push(error),
    },
    pollEveryMs: 10,
  });
  return { made, loaded, refused };
}

/** Waits without a limit of its own; that of the test ends it. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await sleep(5);
}

describe('FilesSource', () => {
  test('loads a new pair without a restart', async () => {
    write(first.cert, first.key);
    const { made, loaded } = source();
    const changes: Certificate[] = [];
    await made.start(stop.signal);
    made.onChange((certificate) => changes.push(certificate));
    expect(made.current()).toEqual({
      cert: first.cert,
      key: first.key,
      notAfter: new Date(first.notAfter.setMilliseconds(0)),
    });
    write(second.cert, second.key);
    await until(() => made.current().cert === second.cert);
    expect(changes.map(({ cert }) => cert)).toEqual([second.cert]);
    expect(loaded).toHaveLength(2);
  });

  test('loads a new pair after the swap of a Secret volume', async () => {
    for (const [name, { cert, key }] of [
      ['1', first],
      ['2', second],
    ] as const) {
      mkdirSync(join(folder, name));
      write(cert, key, join(folder, name));
    }
    symlinkSync('1', join(folder, '..data'));
    symlinkSync('..data/tls.crt', join(folder, 'tls.crt'));
    symlinkSync('..data/tls.key', join(folder, 'tls.key'));
    const { made, refused } = source();
    await made.start(stop.signal);
    symlinkSync('2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await until(() => made.current().cert === second.cert);
    expect(refused).toEqual([]);
  });

  test.each([
    ['with a foreign key', () => write(second.cert, first.key), 'Mismatch'],
    ['with a truncated certificate', () => write(second.cert.slice(0, 200), second.key), 'Malformed'],
    ['with an empty key', () => write(second.cert, ''), 'Malformed'],
    [
      'with rubbish in its chain',
      () =>
        write(`${second.cert}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`, second.key),
      'Malformed',
    ],
    ['that has expired', () => write(expired.cert, expired.key), 'Expired'],
    ['without a key file', () => rmSync(join(folder, 'tls.key')), 'Unreadable'],
  ])(
    'keeps the previous pair when it reads one %s, reports it once and loads the next valid pair',
    async (_, spoil, code) => {
      write(first.cert, first.key);
      const { made, refused } = source();
      await made.start(stop.signal);
      spoil();
      await until(() => refused.length > 0);
      // Further polls of the same content report nothing.
      await sleep(50);
      expect(made.current().cert).toBe(first.cert);
      expect(refused.map((error) => error.code)).toEqual([code]);
      expect(refused[0]?.message).toContain('tls.key');
      write(second.cert, second.key);
      await until(() => made.current().cert === second.cert);
    },
  );

  test('provides the CA bundle and reloads it with an unchanged pair', async () => {
    write(first.cert, first.key);
    writeFileSync(join(folder, 'ca.crt'), authority.cert);
    const { made, loaded, refused } = source('ca.crt');
    await made.start(stop.signal);
    expect(made.current().ca).toBe(`${authority.cert.trimEnd()}\n`);
    const other = await issueAuthority(Date.now());
    writeFileSync(join(folder, 'ca.crt'), `${authority.cert}\n${other.cert}`);
    await until(() => loaded.length > 1);
    expect(made.current()).toMatchObject({
      cert: first.cert,
      ca: expect.stringContaining(other.cert.trimEnd()),
    });
    writeFileSync(join(folder, 'ca.crt'), 'nonsense');
    await until(() => refused.length > 0);
    expect(refused[0]).toMatchObject({ code: 'Malformed', message: expect.stringContaining('ca.crt') });
    expect(made.current().ca).toContain(other.cert.trimEnd());
  });

  test('does not start with an invalid pair', async () => {
    write(first.cert, second.key);
    await expect(source().made.start(stop.signal)).rejects.toMatchObject({ code: 'Mismatch' });
  });
});
