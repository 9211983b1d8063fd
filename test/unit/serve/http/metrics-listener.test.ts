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
  test('serves /metrics with the content type of Prometheus', async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe('up 1\n');
  });

  test('answers 500 without a stack when metrics fail', async () => {
    render = () => Promise.reject(new Error('hunter2'));
    const [status, text] = await get('/metrics');
    expect(status).toBe(500);
    expect(text).not.toContain('hunter2');
  });

  test('answers /healthz with ok when not ready', async () => {
    readiness.set('cache', () => 'not synced');
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
  });

  test('answers /readyz with ok without checks', async () => {
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
  });

  test('lists the checks by name at /readyz?verbose', async () => {
    readiness.set('certificate', () => null);
    readiness.set('cache', () => null);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
    expect(await get('/readyz?verbose')).toEqual([
      200,
      '[+]certificate ok\n[+]cache ok\nreadyz check passed\n',
    ]);
  });

  test('answers /readyz with 503 and the reason when one check fails', async () => {
    readiness.set('certificate', () => null);
    readiness.set('shutdown', () => 'draining');
    expect(await get('/readyz')).toEqual([
      503,
      '[+]certificate ok\n[-]shutdown failed: draining\nreadyz check failed\n',
    ]);
    readiness.set('shutdown', () => null);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
  });

  test('answers other paths with 404', async () => {
    expect((await get('/'))[0]).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
