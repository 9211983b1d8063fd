/** An API server of a few objects, over a real socket and the real client. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../../src/watch/kubernetes/client/client.ts';
import type { KubernetesApi } from '../../../../src/watch/kubernetes/api.ts';
import { type Answer, scriptedRegistry } from '../../../kit/fakes/scripted-registry.ts';

export interface ScriptedApi extends AsyncDisposable {
  readonly api: KubernetesApi;
  /** Path → answer; other paths are 404. */
  readonly objects: Map<string, Answer | Promise<Answer>>;
  /** Resolves when so many requests have come. */
  came(count: number): Promise<void>;
  /** Requests, oldest first, as `GET /api/v1/…`. */
  readonly asked: readonly string[];
}

export async function scriptedApi(): Promise<ScriptedApi> {
  const objects = new Map<string, Answer | Promise<Answer>>();
  const asked: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const arrived = () => {
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
  };
  const server = await scriptedRegistry(({ method, url }) => {
    asked.push(`${method} ${url}`);
    arrived();
    return objects.get(url) ?? { status: 404, body: { kind: 'Status', reason: 'NotFound', code: 404 } };
  });
  const folder = await mkdtemp(join(tmpdir(), 'pratique-api-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const named = {
    name: 'test',
    cluster: { server: server.origin, 'insecure-skip-tls-verify': true },
    user: { token: 't' },
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [named],
    users: [named],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const api = connect({ kubeconfig, environment: {}, userAgent: 'test' });
  return {
    api,
    objects,
    asked,
    came: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve });
        arrived();
      }),
    async [Symbol.asyncDispose]() {
      await api.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
