import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MetricsListener } from '../../../../src/serve/http/metrics-listener.ts';
import { Readiness } from '../../../../src/serve/http/readiness.ts';

let readiness: Readiness;
let listener: MetricsListener;
let url: string;
let render: () => Promise<string>;

beforeEach(async () => {
  readiness = new Readiness();
  render = async () => 'up 1\n';
  listener = new MetricsListener({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    readiness,
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', render: () => render() },
  });
  const bound = await listener.start();
  url = `http://127.0.0.1:${bound.kind === 'tcp' ? bound.port : 0}`;
});
afterEach(() => listener.stop());

async function get(path: string): Promise<[number, string]> {
  const response = await fetch(url + path);
  return [response.status, await response.text()];
}

describe('MetricsListener', () => {
  test('/metrics has the content type that Prometheus wants', async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe('up 1\n');
  });

  test('metrics that fail are a 500 without a stack', async () => {
    render = () => Promise.reject(new Error('hunter2'));
    const [status, text] = await get('/metrics');
    expect(status).toBe(500);
    expect(text).not.toContain('hunter2');
  });

  test('/healthz is ok even when not ready', async () => {
    readiness.set('cache', () => 'not synced');
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
  });

  test('/readyz without checks is ok', async () => {
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
  });

  test('/readyz?verbose lists the checks by name', async () => {
    readiness.set('certificate', () => null);
    readiness.set('cache', () => null);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
    expect(await get('/readyz?verbose')).toEqual([
      200,
      '[+]certificate ok\n[+]cache ok\nreadyz check passed\n',
    ]);
  });

  test('one check that fails is enough, and says why unasked', async () => {
    readiness.set('certificate', () => null);
    readiness.set('shutdown', () => 'draining');
    expect(await get('/readyz')).toEqual([
      503,
      '[+]certificate ok\n[-]shutdown failed: draining\nreadyz check failed\n',
    ]);
    readiness.set('shutdown', () => null);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
  });

  test('everything else is 404', async () => {
    expect((await get('/'))[0]).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
