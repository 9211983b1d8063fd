import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultConfiguration } from '../../../src/config/configuration.ts';
import { filesBeside, loadConfiguration } from '../../../src/config/load.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const good = 'apiVersion: pratique.dev/v1alpha1\nkind: Configuration\nlog: { level: debug }\n';

describe('loadConfiguration', () => {
  test('returns the defaults without a file', () => {
    expect(loadConfiguration(null, filesBeside(null))).toEqual(defaultConfiguration());
  });

  test('reads the file and records its path for the watch', () => {
    const path = join(folder, 'pratique.yaml');
    writeFileSync(path, good);
    const files = filesBeside(path);
    expect(loadConfiguration(path, files).log.level).toBe('debug');
    expect([...files.stamps.keys()]).toEqual([path]);
  });

  test("resolves its own path against the working directory and the file's paths against the file", () => {
    mkdirSync(join(folder, 'etc'));
    const path = relative('.', join(folder, 'etc/pratique.yaml'));
    writeFileSync(path, good);
    const files = filesBeside(path);
    expect(loadConfiguration(path, files).log.level).toBe('debug');
    expect(files.absolute('certs.d')).toBe(join(folder, 'etc/certs.d'));
  });

  test('problems name the file as the caller wrote it', () => {
    const path = join(folder, 'pratique.yaml');
    writeFileSync(path, `${good}x: 1\n`);
    expect(() => loadConfiguration(path, filesBeside(path))).toThrow(`${path}:4:1: x: unknown key`);
  });

  test('rejects a path that does not exist and a directory', () => {
    const path = join(folder, 'absent.yaml');
    expect(() => loadConfiguration(path, filesBeside(path))).toThrow(
      `${path}: does not exist; correct the path, or omit it to use the defaults`,
    );
    expect(() => loadConfiguration(folder, filesBeside(folder))).toThrow(
      `${folder}: cannot be read: is a directory`,
    );
  });
});
