/** Section `registry` of the configuration: how endpoints are asked. */
import { z } from 'zod';
import { duration, globs, parsed, quoted, size } from '../../util/schema-fields.ts';
import { splitHostPort } from '../../util/text/host-port.ts';
import type { ProxySettings } from './transport/proxies.ts';

const dialAddress = parsed('host:port', (text) => {
  const { ok } = splitHostPort(text);
  if (!ok || !/:\d{1,5}$/.test(text)) {
    throw new Error(`${quoted(text)} is no address to dial; write it like 10.0.0.5:5000 or [fd00::5]:5000`);
  }
  return text;
});

const proxyUrl = parsed('URL', (text) => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    // Not quoted: it may hold a password.
    throw new Error('not the URL of a proxy; write it like http://proxy.corp:3128');
  }
  return text;
});

const proxy = z.strictObject({
  https: proxyUrl.exactOptional().describe('Proxy for https endpoints.'),
  http: proxyUrl.exactOptional().describe('Proxy for http endpoints.'),
  noProxy: z
    .union([z.string().max(65_536), z.array(z.string().min(1).max(255)).max(1_000)])
    .exactOptional()
    .describe('Hosts without a proxy: a list, or a text as in `NO_PROXY`.'),
});

/** null: not configured, the environment's count. */
function proxySettings({ https, http, noProxy }: z.output<typeof proxy>): ProxySettings | null {
  if (https === undefined && http === undefined && noProxy === undefined) return null;
  const hosts = typeof noProxy === 'string' ? noProxy.split(/[\s,]+/) : (noProxy ?? []);
  return { https: https ?? null, http: http ?? null, noProxy: hosts.filter((host) => host !== '') };
}

export const registrySchema = z.strictObject({
  endpointTimeout: duration({ min: 10, max: 300_000 })
    .prefault('1s')
    .describe('Time for one endpoint that is not the last: connecting, tokens, headers and body.'),
  resolutionTimeout: duration({ min: 100, max: 600_000 })
    .prefault('15s')
    .describe('Time for a whole resolution that goes on in the background after its admission was answered.'),
  loopback: z
    .enum(['auto', 'skip', 'contact'])
    .default('auto')
    .describe(
      'Endpoints on a loopback address mean each node itself: `skip` them, `contact` them here, or `auto`: skip them in a cluster.',
    ),
  hosts: z
    .record(z.string().min(1).max(255), dialAddress)
    .prefault({})
    .describe('Addresses to dial instead: `registry.corp:5000: 10.0.0.5:5000`.'),
  proxy: proxy
    .transform(proxySettings)
    .prefault({})
    .describe(
      'Proxies; when empty, those of the environment. Loopback, link-local and `.svc` are never asked through one.',
    ),
  caFiles: z
    .array(z.string().min(1).max(4_096))
    .max(100)
    .default([])
    .describe("Certificate authorities in addition to the system's, PEM."),
  allowedHosts: globs().default(['**']).describe('Globs on upstream registries that may be asked.'),
  maxManifestBytes: size({ min: 1_024, max: 64 * 2 ** 20 })
    .prefault('4Mi')
    .describe('Largest manifest or image configuration that is read.'),
  headFirst: z
    .array(z.string().min(1).max(255))
    .max(1_000)
    .default(['docker.io'])
    .describe('Registries that count GETs of manifests against a quota; they are asked by HEAD first.'),
});
