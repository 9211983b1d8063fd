/** Schema of the configuration section `registry`. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { duration, globs, parsed, quoted, size } from '../../util/schema-fields.ts';
import { splitHostPort } from '../../util/text/host-port.ts';
import type { ProxySettings } from './transport/proxies.ts';

const dialAddress = parsed('host:port', (text) => {
  const { ok } = splitHostPort(text);
  if (!ok || !/:\d{1,5}$/.test(text)) {
    throw new Error(
      `${quoted(text)} is not an address to dial; write it like 10.0.0.5:5000 or [fd00::5]:5000`,
    );
  }
  return text;
});

const network = parsed('CIDR', (text) => {
  if (!ipaddr.isValidCIDR(text))
    throw new Error(`${quoted(text)} is not a network; write it like 10.0.0.0/8`);
  return text;
});

const proxyUrl = parsed('URL', (text) => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    // The URL may contain a password, so it is not quoted.
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
    .describe('Hosts contacted without a proxy: a list, or a string in the format of `NO_PROXY`.'),
});

/** Returns null if nothing is configured; the environment's proxies apply then. */
function proxySettings({ https, http, noProxy }: z.output<typeof proxy>): ProxySettings | null {
  if (https === undefined && http === undefined && noProxy === undefined) return null;
  const hosts = typeof noProxy === 'string' ? noProxy.split(/[\s,]+/) : (noProxy ?? []);
  return { https: https ?? null, http: http ?? null, noProxy: hosts.filter((host) => host !== '') };
}

export const registrySchema = z.strictObject({
  endpointTimeout: duration({ min: 10, max: 300_000 })
    .prefault('1s')
    .describe(
      'Time limit in admission for one endpoint that is not the last: connecting, tokens, headers and body.',
    ),
  resolutionTimeout: duration({ min: 100, max: 600_000 })
    .prefault('15s')
    .describe(
      'Time limit for a whole resolution that continues in the background after its admission was answered.',
    ),
  loopback: z
    .enum(['auto', 'skip', 'contact'])
    .default('auto')
    .describe(
      'Endpoints on a loopback address, which mean the node itself: `skip`, `contact`, or `auto` (skip in a cluster).',
    ),
  hosts: z
    .record(z.string().min(1).max(255), dialAddress)
    .prefault({})
    .describe('Dial addresses by host: `registry.corp:5000: 10.0.0.5:5000`.'),
  proxy: proxy
    .transform(proxySettings)
    .prefault({})
    .describe(
      'Proxies; if empty, those of the environment. Loopback, link-local and `.svc` hosts are always contacted directly.',
    ),
  caFiles: z
    .array(z.string().min(1).max(4_096))
    .max(100)
    .default([])
    .describe("PEM files of certificate authorities trusted in addition to the system's."),
  allowedHosts: globs().default(['**']).describe('Globs on upstream registries that may be contacted.'),
  deniedAddresses: z
    .array(network)
    .max(1_000)
    .default([])
    .describe('Networks in CIDR notation where registries that only images name must not be.'),
  maxManifestBytes: size({ min: 1_024, max: 64 * 2 ** 20 })
    .prefault('4Mi')
    .describe('Maximum size of a manifest or image configuration.'),
  headFirst: z
    .array(z.string().min(1).max(255))
    .max(1_000)
    .default(['docker.io'])
    .describe(
      'Registries that count GET requests for manifests against a rate limit, so HEAD is sent first.',
    ),
});
