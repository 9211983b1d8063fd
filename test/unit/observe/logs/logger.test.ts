import { describe, expect, test } from '@jest/globals';
import { events } from '../../../../src/observe/logs/catalogue.ts';
import type { EventSpec } from '../../../../src/observe/logs/event-spec.ts';
import { Logger } from '../../../../src/observe/logs/logger.ts';
import type { LogConfiguration } from '../../../../src/observe/schema.ts';

function logger(level: LogConfiguration['level'] = 'debug') {
  const lines: string[] = [];
  return { log: new Logger(level, { write: (line) => lines.push(line) }), lines };
}

describe('Logger', () => {
  test('writes one JSON document per line with level, time, event and fields', () => {
    const { log, lines } = logger();
    log.write('stopping', { signal: 'SIGTERM' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.any(Number),
      event: 'stopping',
      signal: 'SIGTERM',
    });
  });

  test.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at level %s writes %i of four events', (level, count) => {
    const { log, lines } = logger(level);
    log.write('handshake-failed', { error: new Error('x') });
    log.write('stopped', {});
    log.write('breaker-opened', { endpoint: 'x' });
    log.write('fatal', { error: new Error('x') });
    expect(lines).toHaveLength(count);
  });

  test('strips control characters from text and cuts it', () => {
    const { log, lines } = logger();
    log.write('breaker-opened', { endpoint: `a\n{"level":"error"}\u001b[31m${'x'.repeat(1_000_000)}` });
    expect(lines[0]?.length).toBeLessThan(400);
    const { endpoint } = JSON.parse(lines[0] ?? '') as { endpoint: string };
    expect(endpoint).toMatch(/^a \{"level":"error"\} \[31mx+…$/);
  });

  test('omits fields that are not in the catalogue', () => {
    const { log, lines } = logger();
    const fields = {
      endpoint: 'x',
      password: 'hunter2',
      authorization: 'Basic Zm9v',
      headers: { token: 'hunter2' },
    };
    log.write('breaker-opened', fields);
    expect(lines[0]).not.toMatch(/hunter2|Zm9v/);
  });

  test.each([
    ['a bearer token', 'sent Bearer eyJhbGciOi.J9.x-y_z', /eyJ/],
    ['basic credentials', 'header "authorization: Basic Zm9vOmJhcg=="', /Zm9v/],
    ['credentials in a URL', 'GET https://user:hunter2@registry.corp/v2 failed', /hunter2/],
    ['a password in JSON', '{"username":"u","password":"hunter2"}', /hunter2/],
    ['a token in a query', 'GET /token?access_token=hunter2&scope=x', /hunter2/],
  ])('redacts %s in the message of an error', (_, text, secret) => {
    const { log, lines } = logger();
    log.write('fatal', { error: new Error('outer', { cause: new Error(text) }) });
    log.write('configuration-warning', { code: 'X', message: text, source: null });
    log.write('webhook-internal-error', { webhook: 'mutate', error: new Error(text) });
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toContain('[redacted]');
      expect(line).not.toMatch(secret);
    }
  });

  test('writes an error with its causes, each once', () => {
    const { log, lines } = logger();
    const root = new Error('connection refused');
    const middle = new Error('mirror: connection refused', { cause: root });
    log.write('fatal', { error: new Error('cannot start', { cause: middle }) });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: 'cannot start: mirror: connection refused' });
  });

  test('ends at a cycle of causes', () => {
    const { log, lines } = logger();
    const one = new Error('one');
    one.cause = new Error('two', { cause: one });
    log.write('fatal', { error: one });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: 'one: two' });
  });

  test.each([
    ['a text', 'oops', 'oops'],
    ['nothing', undefined, undefined],
    ['an object', { a: 1 }, '{ a: 1 }'],
    ['an error without words', new TypeError(), 'TypeError'],
  ])('formats a thrown %s', (_, thrown, told) => {
    const { log, lines } = logger();
    log.write('fatal', { error: thrown });
    expect((JSON.parse(lines[0] ?? '') as { error?: string }).error).toBe(told);
  });

  test('omits null, false and empty text', () => {
    const { log, lines } = logger();
    log.write('configuration-warning', { code: 'X', message: '', source: null });
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(['level', 'time', 'code', 'event']);
  });
});

describe('the catalogue of log events', () => {
  test('has no field for secrets and none that overwrites level, time or event', () => {
    const names = Object.values<EventSpec>(events).flatMap(({ fields }) => Object.keys(fields));
    const bad = names.filter((name) =>
      /password|secret|token|authori|key|cookie|^(level|time|event)$/i.test(name),
    );
    expect(bad).toEqual([]);
  });
});
