/** Section `server` of the configuration, for the listeners. */
import { z } from 'zod';
import { duration, parsed } from '../util/schema-fields.ts';
import { parseNetwork } from './http/limits/allowed-clients.ts';
import { parseListenAddress } from './http/listen-address.ts';

const listen = parsed('address', parseListenAddress);

const clientName = z.string().min(1).max(253);

const network = z.string().superRefine((text, context) => {
  try {
    parseNetwork(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});

const tls = z.strictObject({
  mode: z
    .enum(['self', 'files'])
    .default('self')
    .describe(
      '`self`: an own CA, rotated automatically; `files`: `cert` and `key`, reloaded when they change.',
    ),
  cert: z.string().min(1).exactOptional().describe('Certificate chain, PEM.'),
  key: z.string().min(1).exactOptional().describe('Private key, PEM.'),
  ca: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      'CA bundle that issued `cert`, PEM. If set, the leader writes it to the `caBundle` of the webhook configurations; otherwise another tool must.',
    ),
  clientCA: z
    .string()
    .default('')
    .describe(
      'CA bundle for client certificates, PEM; read at start. If set, clients without a certificate of it are rejected in the handshake.',
    ),
  clientNames: z
    .array(clientName)
    .max(100)
    .default([])
    .describe(
      'Accepted common names or DNS names of client certificates; empty for every certificate of `clientCA`.',
    ),
});

/** Source of the webhook listener's certificate. */
export type TlsSource =
  | { readonly mode: 'self' }
  | { readonly mode: 'files'; readonly cert: string; readonly key: string; readonly ca?: string };

/** Section `tls`: the listener's certificate, and the certificates that clients must present. */
export interface TlsConfiguration {
  readonly source: TlsSource;
  /** Path of the CA for client certificates; empty if clients need none. */
  readonly clientCA: string;
  /** Accepted names; empty if every certificate of the CA is accepted. */
  readonly clientNames: readonly string[];
}

function tlsConfiguration(section: z.output<typeof tls>, context: z.RefinementCtx): TlsConfiguration {
  const { clientCA, clientNames, ...source } = section;
  if (clientCA === '' && clientNames.length > 0) {
    context.addIssue({
      code: 'custom',
      path: ['clientCA'],
      message: 'required with clientNames; set both or neither',
    });
  }
  return { source: tlsSource(source, context), clientCA, clientNames };
}

function tlsSource(
  { mode, ...paths }: Omit<z.output<typeof tls>, 'clientCA' | 'clientNames'>,
  context: z.RefinementCtx,
): TlsSource {
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
      // Limit of 29 s: the API server waits at most 30 s, whatever its configuration says.
      deadline: duration({ min: 100, max: 29_000 })
        .prefault('2500ms')
        .describe("Time for one answer; must be shorter than the webhook's `timeoutSeconds`, 3 by default."),
      service: z
        .string()
        .regex(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'not the name of a Service')
        .default('pratique')
        .describe(
          'Service through which the API server calls the webhooks; the certificate of mode `self` is issued for its names.',
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
          'Name of the MutatingWebhookConfiguration and ValidatingWebhookConfiguration whose `caBundle` the leader writes and which readiness checks; empty for neither.',
        ),
      tls: tls
        .transform(tlsConfiguration)
        .prefault({})
        .describe('Certificates of the listener and its clients.'),
      allowedClients: z
        .array(network)
        .max(1_000)
        .default([])
        .describe(
          'Networks from which clients may connect, such as `10.0.0.0/8`; empty for all. Behind a proxy such as konnectivity the client is the proxy.',
        ),
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
