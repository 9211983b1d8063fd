import { describe, expect, test } from '@jest/globals';
import { browserProblem } from '../../../../src/serve/engine-api/browser-guard.ts';

describe('by TCP', () => {
  test.each([
    '127.0.0.1:2375',
    '127.0.0.1',
    '10.1.2.3:2375',
    '[::1]:2375',
    '[::1]',
    'localhost',
    'LOCALHOST:80',
    'localhost:',
  ])('Host %s is served', (host) => {
    expect(browserProblem({ host }, 'tcp')).toBeNull();
  });

  test.each([
    'evil.example',
    'evil.example:2375',
    'docker',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[evil]:80',
    '[127.0.0.1]',
    '::1',
    '%2Ftmp%2Fx.sock',
    '127.0.0.1:80:80',
    '',
  ])('Host "%s" is not', (host) => {
    expect(browserProblem({ host }, 'tcp')).toContain('Host');
  });

  test('a request without a Host is not served', () => {
    expect(browserProblem({}, 'tcp')).toContain('Host');
  });
});

describe('on a unix socket', () => {
  test.each(['docker', 'api.moby.localhost', 'localhost', '%2Ftmp%2Fx.sock', ''])(
    'Host "%s" is served',
    (host) => {
      expect(browserProblem({ host }, 'unix')).toBeNull();
    },
  );
});

describe.each(['tcp', 'unix'] as const)('on %s', (socket) => {
  const host = '127.0.0.1';

  test.each(['http://127.0.0.1', 'https://page.example', 'null', ''])(
    'a request with Origin "%s" is not served',
    (origin) => {
      expect(browserProblem({ host, origin }, socket)).toContain('Origin');
    },
  );

  test('a request from another site is not served, one that a person typed is', () => {
    expect(browserProblem({ host, 'sec-fetch-site': 'cross-site' }, socket)).toContain('cross-site');
    expect(browserProblem({ host, 'sec-fetch-site': 'none' }, socket)).toBeNull();
  });
});
