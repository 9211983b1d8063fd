/** Pods created in a dry run, many at a time, until told to stop: what becomes of each is remembered. */
import type { Api, Status } from './api.ts';

export interface Admission {
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  readonly message: string;
  /** The stored image, '' when it was refused. */
  readonly image: string;
  /** `performance.now()` when it was sent. */
  readonly at: number;
}

export interface Load {
  readonly done: readonly Admission[];
  /** Resolves when `count` more are done. */
  more(count: number): Promise<void>;
  stop(): Promise<readonly Admission[]>;
}

export interface LoadOptions {
  readonly namespace: string;
  readonly image: string;
  /** At the same time. */
  readonly concurrency: number;
}

export function startLoad(api: Api, { namespace, image, concurrency }: LoadOptions): Load {
  const done: Admission[] = [];
  const waiting = new Set<() => void>();
  const end = new AbortController();
  const one = async () => {
    const at = performance.now();
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { generateName: 'load-', namespace },
      spec: { containers: [{ name: 'c', image }] },
    };
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    try {
      const { status, body } = await api.send<Status & { spec?: { containers: { image: string }[] } }>(
        'POST',
        path,
        pod,
      );
      done.push({ status, message: body.message ?? '', image: body.spec?.containers[0]?.image ?? '', at });
    } catch (error) {
      done.push({ status: 0, message: String(error), image: '', at });
    }
    for (const look of waiting) look();
  };
  const lanes = Array.from({ length: concurrency }, async () => {
    while (!end.signal.aborted) await one();
  });
  return {
    done,
    more: (count) =>
      new Promise((resolve) => {
        const wanted = done.length + count;
        const look = () => {
          if (done.length < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      end.abort();
      await Promise.all(lanes);
      return done;
    },
  };
}
