/** Plays the API server: sends AdmissionReviews in the shape of recorded ones over TLS and applies the patches. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:https';

export interface Container {
  readonly name: string;
  readonly image: string;
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly volumes?: readonly { readonly name: string; readonly image?: { readonly reference: string } }[];
  };
}

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

export interface Answer {
  readonly allowed: boolean;
  readonly message: string | null;
  readonly warnings: readonly string[];
  readonly patch: readonly Operation[];
}

/** Where Pratique listens, and the CA that its certificate must come from. */
export interface Webhook {
  readonly port: number;
  readonly ca: string;
}

export async function review(webhook: Webhook, path: '/mutate' | '/validate', pod: Pod): Promise<Answer> {
  const body = Buffer.from(JSON.stringify(admissionReview(pod)));
  const { response } = JSON.parse(await post(webhook, path, body)) as {
    response: {
      allowed: boolean;
      status?: { message?: string };
      warnings?: string[];
      patch?: string;
    };
  };
  return {
    allowed: response.allowed,
    message: response.status?.message ?? null,
    warnings: response.warnings ?? [],
    patch: response.patch
      ? (JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[])
      : [],
  };
}

export function admissionReview(pod: Pod): object {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUUID(),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
      operation: 'CREATE',
      userInfo: { username: 'demo', groups: ['system:authenticated'] },
      object: { kind: 'Pod', apiVersion: 'v1', ...pod },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  };
}

function post({ port, ca }: Webhook, path: string, body: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: `${path}?timeout=3s`,
        method: 'POST',
        ca,
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`POST ${path}: ${response.statusCode} ${text}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** `pod` after `patch`, as the API server would apply it; only the operations that Pratique sends. */
export function applyPatch(pod: Pod, patch: readonly Operation[]): Pod {
  const copy = structuredClone(pod);
  for (const { op, path, value } of patch) {
    if (op !== 'add' && op !== 'replace') throw new Error(`unexpected operation ${op} ${path}`);
    const keys = path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    let parent: Record<string, unknown> = copy as unknown as Record<string, unknown>;
    for (const key of keys) parent = parent[key] as Record<string, unknown>;
    parent[last] = value;
  }
  return copy;
}
