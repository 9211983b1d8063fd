/** Section `server` of the configuration: the listeners. */
import { z } from 'zod';
import { duration, parsed } from '../util/schema-fields.ts';
import { parseListenAddress } from './http/listen-address.ts';

const listen = parsed('address', parseListenAddress);

const tls = z.strictObject({
  mode: z
    .enum(['self', 'files'])
    .default('self')
    .describe(
      '`self`: own certificate authority, rotated; `files`: `cert` and `key`, taken anew when they change.',
    ),
  cert: z.string().min(1).exactOptional().describe('Certificate chain, PEM.'),
  key: z.string().min(1).exactOptional().describe('Private key, PEM.'),
  ca: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      'Authorities that `cert` verifies against, PEM. With it the leader fills the `caBundle` of the webhook configurations; without it somebody else does.',
    ),
});

/** Where the certificate of the webhook listener comes from. */
export type TlsSource =
  | { readonly mode: 'self' }
  | { readonly mode: 'files'; readonly cert: string; readonly key: string; readonly ca?: string };

function tlsSource({ mode, ...paths }: z.output<typeof tls>, context: z.RefinementCtx): TlsSource {
  const { cert, key, ca } = paths;
  if (mode === 'files' && cert !== undefined && key !== undefined) {
    return ca === undefined ? { mode, cert, key } : { mode, cert, key, ca };
  }
  for (const [name, value] of Object.entries({ cert, key, ca })) {
    if (mode === 'files' && value === undefined) {
      if (name === 'ca') continue;
      context.addIssue({ code: 'custom', path: [name], message: 'required when mode is "files"' });
    } else if (mode === 'self' && value !== undefined) {
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'not used when mode is "self"; set mode to "files"',
      });
    }
  }
  return { mode: 'self' };
}

export const serverSchema = z.strictObject({
  webhook: z
    .strictObject({
      listen: listen.prefault(':8443').describe('Address of the webhooks, `host:port` or `unix:/path`.'),
      // The API server waits 30 s at most, whatever its configuration says.
      deadline: duration({ min: 100, max: 29_000 })
        .prefault('2500ms')
        .describe("Time for one answer; keep it below the webhook's `timeoutSeconds`, 3 by default."),
      service: z
        .string()
        .regex(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'not the name of a Service')
        .default('pratique')
        .describe(
          'Service by which the API server calls the webhooks: its names are those of the own certificate.',
        ),
      configurations: z
        .string()
        .max(253)
        .regex(
          /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)?$/,
          'not the name of a webhook configuration',
        )
        .default('pratique')
        .describe(
          'MutatingWebhookConfiguration and ValidatingWebhookConfiguration whose `caBundle` the leader fills, and which are looked at for readiness; empty: neither.',
        ),
      tls: tls.transform(tlsSource).prefault({}).describe('Where the certificate comes from.'),
    })
    .prefault({})
    .describe('TLS listener of `/mutate` and `/validate`.'),
  metrics: z
    .strictObject({
      listen: listen.prefault(':8080').describe('Address of `/metrics`, `/healthz` and `/readyz`.'),
    })
    .prefault({})
    .describe('Plain listener for the kubelet and Prometheus.'),
  engineApi: z
    .strictObject({
      listen: parsed('address', (text) => (text === '' ? null : parseListenAddress(text)))
        .prefault('')
        .describe(
          'Address of the Docker Engine API, `unix:/path` or `host:port` on a loopback address; empty: off.',
        ),
      allowRemote: z
        .boolean()
        .default(false)
        .describe('Allow an address that other machines can reach; there is no authentication and no TLS.'),
      ownCredentials: z
        .boolean()
        .default(false)
        .describe(
          "Let every client use Pratique's own credentials for the image's registry, besides those that it sends. Without it a client has what it sends, or is anonymous.",
        ),
    })
    .prefault({})
    .describe('`GET /distribution/{name}/json` for Docker Engine API clients.'),
});
