/** Webhook configurations in a memory API. */
import type { MemoryApi } from './memory-api.ts';

export const own = { name: 'pratique', host: 'pratique.pratique-system.svc' };

const base = '/apis/admissionregistration.k8s.io/v1';
export const mutating = `${base}/mutatingwebhookconfigurations/pratique`;
export const validating = `${base}/validatingwebhookconfigurations/pratique`;

export interface Webhook {
  readonly name: string;
  readonly bundle?: string;
  /** Instead of a Service. */
  readonly url?: string;
  /** Default `pratique`, which is ours. */
  readonly service?: string;
  /** Namespaces that its selector leaves out. */
  readonly excludes?: readonly string[];
}

/** What looks like a certificate; nothing here reads what is in it. */
export function pem(content: string): string {
  return `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
}

export function configuration(...webhooks: readonly Webhook[]): Record<string, unknown> {
  return {
    metadata: { name: 'pratique' },
    webhooks: webhooks.map(({ name, bundle, url, service, excludes }) => ({
      name,
      ...(excludes && { namespaceSelector: { matchExpressions: [leavingOut(excludes)] } }),
      clientConfig: {
        ...(url === undefined
          ? { service: { name: service ?? 'pratique', namespace: 'pratique-system', path: '/x' } }
          : { url }),
        ...(bundle === undefined ? {} : { caBundle: Buffer.from(bundle).toString('base64') }),
      },
    })),
  };
}

function leavingOut(values: readonly string[]) {
  return { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values };
}

/** As somebody applies it: whatever was there is replaced. */
export function register(api: MemoryApi, path: string, object: Record<string, unknown>): void {
  api.objects.set(path, object);
}

/** Of every webhook. */
export function bundleIn(api: MemoryApi, path: string): readonly string[] {
  const { webhooks } = api.objects.get(path) as {
    webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
  };
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
}
