import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RecordedFiles } from '../../../src/config/files.ts';
import { FileError } from '../../../src/resolve/endpoints/files/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function refusal(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as FileError).message;
  }
}

describe('RecordedFiles.read', () => {
  test('resolves relative paths against the folder and keeps absolute ones', () => {
    writeFileSync(join(folder, 'a.toml'), 'ä');
    const files = new RecordedFiles(folder);
    expect(files.read('a.toml')).toBe('ä');
    expect(files.read(join(folder, 'a.toml'))).toBe('ä');
    expect(files.absolute('certs.d')).toBe(join(folder, 'certs.d'));
  });

  test('returns null for a path that does not exist, also below a file', () => {
    writeFileSync(join(folder, 'a'), '');
    const files = new RecordedFiles(folder);
    expect(files.read('nothing')).toBeNull();
    expect(files.read('a/b')).toBeNull();
    expect(files.read('a')).toBe('');
  });

  test('rejects a directory, a pipe and a symlink loop without hanging', () => {
    mkdirSync(join(folder, 'd'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('loop', join(folder, 'loop'));
    const files = new RecordedFiles(folder);
    expect(refusal(() => files.read('d'))).toBe('d: is a directory');
    expect(refusal(() => files.read('pipe'))).toBe('pipe: is not a regular file');
    expect(refusal(() => files.read('loop'))).toBe('loop: too many symbolic links');
    expect(refusal(() => files.read('/dev/zero'))).toBe('/dev/zero: is not a regular file');
    expect(refusal(() => files.read('a\0b'))).toMatch(/ERR_INVALID_ARG_VALUE/);
  });

  test('reads a file of the maximum size and rejects one byte more', () => {
    const files = new RecordedFiles(folder);
    writeFileSync(join(folder, 'full'), 'x'.repeat(4 * 2 ** 20));
    writeFileSync(join(folder, 'over'), 'x'.repeat(4 * 2 ** 20 + 1));
    expect(files.read('full')).toHaveLength(4 * 2 ** 20);
    expect(refusal(() => files.read('over'))).toBe('over: is larger than 4 MiB');
  });

  test('reads a file of /proc, whose size is 0', () => {
    expect(new RecordedFiles(folder).read('/proc/self/status')).toMatch(/^Name:/);
  });
});

describe('RecordedFiles.list', () => {
  test('returns sorted names with marked directories, follows links and omits internal entries of volumes', () => {
    mkdirSync(join(folder, '..2024'));
    symlinkSync('..2024', join(folder, '..data'));
    mkdirSync(join(folder, 'docker.io'));
    symlinkSync('docker.io', join(folder, 'alias'));
    symlinkSync('nowhere', join(folder, 'broken'));
    writeFileSync(join(folder, '10.conf'), '');
    expect(new RecordedFiles(folder).list('.')).toEqual(['10.conf', 'alias/', 'broken', 'docker.io/']);
  });

  test('returns null for a path that is not a directory', () => {
    writeFileSync(join(folder, 'a'), '');
    const files = new RecordedFiles(folder);
    expect(files.list('a')).toBeNull();
    expect(files.list('nothing')).toBeNull();
  });
});

test('records every path that was read, also those that do not exist', () => {
  writeFileSync(join(folder, 'a'), '');
  const files = new RecordedFiles(folder);
  files.read('a');
  files.read('a');
  files.read('absent');
  files.list('certs.d');
  expect([...files.stamps.keys()]).toEqual(['a', 'absent', 'certs.d'].map((name) => join(folder, name)));
  expect(files.stamps.get(join(folder, 'absent'))).toBe('ENOENT');
});
