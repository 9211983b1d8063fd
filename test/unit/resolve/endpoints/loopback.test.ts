import { describe, expect, test } from '@jest/globals';
import { isLocalhost, isNodeLocal, matchLocalhost } from '../../../../src/resolve/endpoints/loopback.ts';

describe('the two questions that containerd asks', () => {
  test.each<[string, boolean, boolean]>([
    ['localhost', true, true],
    ['localhost:5000', true, true],
    ['127.9.8.7', true, true],
    ['127.0.0.1:5000', true, true],
    ['[::1]:5000', true, true],
    ['::1', true, true],
    ['[::1]', false, true],
    ['localhost:', true, false],
    ['localhost.example.com', false, false],
    ['128.0.0.1', false, false],
    ['127.0.0.01', false, false],
    ['127.1', false, false],
    ['[::1%lo]:5000', false, false],
    ['::ffff:127.0.0.1', true, false],
  ])('%s: is it localhost %s, does it match %s', (host, local, matches) => {
    expect([isLocalhost(host), matchLocalhost(host)]).toEqual([local, matches]);
  });
});

describe('isNodeLocal', () => {
  test.each([
    'https://127.0.0.1:6443/v2',
    'http://localhost:5000/v2',
    'http://localhost./v2',
    'http://registry.localhost/v2',
    'http://[::1]:5000/v2',
    'http://[::ffff:127.0.0.1]/v2',
    'http://127.1/v2',
    'http://2130706433/v2',
    'http://0.0.0.0:5000/v2',
    'http://[::]/v2',
  ])('%s leads to the node itself', (url) => {
    expect(isNodeLocal(url)).toBe(true);
  });

  test.each([
    'https://10.0.0.1/v2',
    'https://localhost.example.com/v2',
    'https://mirror.corp/v2',
    'invalid:x',
    '',
    'x',
  ])('%j does not', (url) => {
    expect(isNodeLocal(url)).toBe(false);
  });
});
