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
});

/** The source of the webhook listener's certificate. */
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
      tls: tls.transform(tlsSource).prefault({}).describe('Certificate of the listener.'),
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
        .describe('Address of the Docker Engine API, `host:port` or `unix:/path`; empty for off.'),
    })
    .prefault({})
    .describe('`GET /distribution/{name}/json` for Docker Engine API clients.'),
});
