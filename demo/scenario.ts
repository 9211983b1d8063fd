/** The registries and files of the demo: an upstream, a partly filled mirror, the node's `certs.d` tree and Pratique's configuration. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { EmbeddedRegistry } from '../test/kit/registries/embedded-registry.ts';
import { artifact, multiArch, platform, single, withAttestations } from '../test/kit/registries/images.ts';

export interface Scenario {
  readonly folder: string;
  readonly configuration: string;
  readonly upstream: { readonly registry: EmbeddedRegistry; readonly url: string };
  readonly mirror: { readonly registry: EmbeddedRegistry; readonly url: string };
}

const everywhere = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];

/** Plays Docker Hub. */
function upstreamRegistry(): EmbeddedRegistry {
  return new EmbeddedRegistry()
    .add('library/nginx', '1.27', multiArch(everywhere))
    .add('library/redis', '7', withAttestations(['linux/amd64', 'linux/arm64']))
    .add('library/postgres', '17', multiArch(everywhere, { docker: true }))
    .add('team/app', 'stable', multiArch(everywhere, { salt: 'release 2' }))
    .add('team/legacy', '2', multiArch(['linux/amd64']))
    .add('team/edge', '1', single(platform('linux/arm64')))
    .add('team/assets', '3', multiArch(['linux/amd64', 'linux/arm64'], { salt: 'assets' }))
    .add('team/chart', '5', artifact('application/vnd.cncf.helm.chart.v1'));
}

/** A partly filled mirror; one of its images is older than upstream's. */
function mirrorRegistry(): EmbeddedRegistry {
  return new EmbeddedRegistry()
    .add('library/nginx', '1.27', multiArch(everywhere))
    .add('team/app', 'stable', multiArch(everywhere, { salt: 'release 1' }));
}

/** Starts both registries and writes the configuration for them into a folder of its own. */
export async function startScenario(): Promise<Scenario> {
  const upstream = upstreamRegistry();
  const mirror = mirrorRegistry();
  const urls = { upstream: await upstream.start(), mirror: await mirror.start() };
  const folder = await mkdtemp(join(tmpdir(), 'pratique-demo-'));
  await mkdir(join(folder, 'certs.d', 'docker.io'), { recursive: true });
  await writeFile(join(folder, 'certs.d', 'docker.io', 'hosts.toml'), hostsToml(urls));
  const configuration = join(folder, 'pratique.yaml');
  await writeFile(configuration, stringify(settings));
  return {
    folder,
    configuration,
    upstream: { registry: upstream, url: urls.upstream },
    mirror: { registry: mirror, url: urls.mirror },
  };
}

/** The node's /etc/containerd/certs.d/docker.io/hosts.toml. */
function hostsToml({ upstream, mirror }: { upstream: string; mirror: string }): string {
  return `server = "${upstream}"

[host."${mirror}"]
  capabilities = ["pull", "resolve"]
`;
}

const settings = {
  apiVersion: 'pratique.dev/v1alpha1',
  kind: 'Configuration',
  mirrors: { containerd: { configPath: 'certs.d' } },
  platforms: { required: ['linux/amd64', 'linux/arm64'] },
  // One second instead of a minute, so that the demo does not wait.
  cache: { tagTTL: '1s' },
  server: {
    webhook: { listen: '127.0.0.1:0' },
    metrics: { listen: '127.0.0.1:0' },
  },
};
