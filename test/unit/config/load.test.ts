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
  test('without a file the defaults hold', () => {
    expect(loadConfiguration(null, filesBeside(null))).toEqual(defaultConfiguration());
  });

  test('the file is read, and remembered for the watch', () => {
    const path = join(folder, 'pratique.yaml');
    writeFileSync(path, good);
    const files = filesBeside(path);
    expect(loadConfiguration(path, files).log.level).toBe('debug');
    expect([...files.stamps.keys()]).toEqual([path]);
  });

  test('a relative path is relative to the caller, and what the file names to the file', () => {
    mkdirSync(join(folder, 'etc'));
    const path = relative('.', join(folder, 'etc/pratique.yaml'));
    writeFileSync(path, good);
    const files = filesBeside(path);
    expect(loadConfiguration(path, files).log.level).toBe('debug');
    expect(files.absolute('certs.d')).toBe(join(folder, 'etc/certs.d'));
  });

  test('problems name the file as the caller did', () => {
    const path = join(folder, 'pratique.yaml');
    writeFileSync(path, `${good}x: 1\n`);
    expect(() => loadConfiguration(path, filesBeside(path))).toThrow(`${path}:4:1: x: unknown key`);
  });

  test('a file that is not there, or no file, is a problem of its own', () => {
    const path = join(folder, 'absent.yaml');
    expect(() => loadConfiguration(path, filesBeside(path))).toThrow(
      `${path}: does not exist; correct the path, or leave it out for the defaults`,
    );
    expect(() => loadConfiguration(folder, filesBeside(folder))).toThrow(
      `${folder}: cannot be read: is a directory`,
    );
  });
});
