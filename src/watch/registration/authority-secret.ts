/**
 * Secret with the CA that the replicas share. It is read and written by its name only; `serve/certificates`
 * interprets it.
 */
import { fields, text } from '../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';
import { pathOf, secrets } from '../kubernetes/resource.ts';

/** Implements the store that `serve/certificates` expects. */
export interface AuthoritySecret {
  read(signal: AbortSignal): Promise<Stored | null>;
  create(data: Texts, signal: AbortSignal): Promise<Stored | null>;
  replace(version: string, data: Texts, signal: AbortSignal): Promise<Stored | null>;
}

interface Stored {
  readonly version: string;
  readonly data: Texts;
}
type Texts = Readonly<Record<string, string>>;

export const authoritySecretName = 'pratique-ca';

export function authoritySecret(
  api: KubernetesApi,
  namespace: string,
  name = authoritySecretName,
): AuthoritySecret {
  const collection = pathOf(secrets, { namespace });
  const path = pathOf(secrets, { namespace, name });
  const get = (signal: AbortSignal) => unless(['NotFound'], api.request({ path, signal }));

  return {
    async read(signal) {
      return storedIn(await get(signal));
    },
    async create(data, signal) {
      const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': 'pratique' } };
      const body = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: encoded(data) };
      const created = api.request({ method: 'POST', path: collection, body, signal });
      return storedIn(await unless(['AlreadyExists', 'Conflict'], created));
    },
    async replace(version, data, signal) {
      // The update keeps labels and annotations of other clients.
      const present = fields(await get(signal));
      if (storedIn(present)?.version !== version) return null;
      const body = { ...present, data: encoded(data) };
      const put = api.request({ method: 'PUT', path, body, signal });
      return storedIn(await unless(['Conflict', 'NotFound'], put));
    },
  };
}

async function unless(
  codes: readonly KubernetesError['code'][],
  response: Promise<unknown>,
): Promise<unknown> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof KubernetesError && codes.includes(error.code)) return null;
    throw error;
  }
}

function storedIn(secret: unknown): Stored | null {
  const version = text(fields(fields(secret)['metadata'])['resourceVersion']);
  if (version === '') return null;
  const entries = Object.entries(fields(fields(secret)['data']));
  return { version, data: Object.fromEntries(entries.map(([key, value]) => [key, decoded(value)])) };
}

function decoded(value: unknown): string {
  return Buffer.from(text(value), 'base64').toString('utf8');
}

function encoded(data: Texts): Texts {
  const entries = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return Object.fromEntries(entries) as Texts;
}
