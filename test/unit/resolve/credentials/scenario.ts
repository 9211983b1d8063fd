/** Everything secret that Pratique can be given, of every kind at once, and one inspection with all of it. */
import { X509Certificate } from 'node:crypto';
import { type CallerCredentials, credentialsFrom } from '../../../../src/resolve/credentials/credentials.ts';
import type { DockerEntry, KeyedEntry } from '../../../../src/resolve/credentials/docker-config.ts';
import { loadContainerdHosts } from '../../../../src/resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { loadCrio } from '../../../../src/resolve/endpoints/crio/load-crio.ts';
import type { MirrorList } from '../../../../src/resolve/endpoints/endpoint.ts';
import { loadK3s } from '../../../../src/resolve/endpoints/k3s/load-k3s.ts';
import type { Inspection } from '../../../../src/resolve/inspection/inspection.ts';
import { createRegistry, defaultRegistryOptions } from '../../../../src/resolve/registry/client.ts';
import { authority } from '../../../kit/fakes/certificates.ts';
import { memoryFiles } from '../../../kit/fakes/memory-files.ts';
import type { Handler } from '../../../kit/fakes/scripted-registry.ts';
import { type Town, town } from '../../../kit/fakes/registry-fleet.ts';
import { closing, stage } from '../inspection/harness.ts';

const client = await (await authority()).leaf({ names: ['pratique'], usage: 'client' });

/** What may be stolen. Passwords have characters that every form on the wire writes in another way. */
export const secrets = {
  // Keyed by the image: of the registry that it names.
  explicit: 'expl/icit+one~S3cret',
  pullSecret: 'pull/secret+two~S3cret',
  node: 'node/config+three~S3cret',
  exec: 'exec/provider+four~S3cret',
  hub: 'docker/hub+sixteen~S3cret',
  // Keyed by the physical host.
  appToken: 'registry-token.five~S3cret',
  appIdentity: 'identity/token+six~S3cret',
  appPassword: 'app/password+seven~S3cret',
  mirrorPassword: 'mirror/password+eight~S3cret',
  thirdPassword: 'third/password+nine~S3cret',
  authPassword: 'auth/password+ten~S3cret',
  // Given by the mirror configuration.
  header: 'configured-header.eleven~S3cret',
  apiKey: 'api-key.twelve~S3cret',
  certificate: new X509Certificate(client.cert).raw.toString('base64'),
  k3sMirror: 'k3s/mirror+thirteen~S3cret',
  k3sApp: 'k3s/app+fourteen~S3cret',
  // Made by token servers.
  issued: 'issued-token.fifteen~S3cret',
} as const;

/** Secret → the hosts that saw it. */
export type Seen = Partial<Record<keyof typeof secrets, readonly string[]>>;

export const basic = (password: string): string =>
  `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;

function entry(key: string, more: Partial<DockerEntry>): KeyedEntry {
  return [key, { username: 'user', password: '', email: '', identityToken: '', registryToken: '', ...more }];
}

const server = {
  dockerConfig: [
    entry('app.test', { password: secrets.appPassword }),
    entry('app.test/team', { username: '', identityToken: secrets.appIdentity }),
    entry('app.test/team/app', { username: '', registryToken: secrets.appToken }),
    entry('mirror.test', { password: secrets.mirrorPassword }),
    entry('third.test', { password: secrets.thirdPassword }),
    entry('auth.test', { password: secrets.authPassword }),
  ],
  nodeDockerConfig: [entry('app.test', { password: secrets.node })],
  execProviders: {
    entries: () => Promise.resolve({ entries: [entry('*.test', { password: secrets.exec })], problems: [] }),
  },
};

const auths = {
  'app.test': { username: 'user', password: secrets.pullSecret },
  'https://index.docker.io/v1/': { auth: Buffer.from(`user:${secrets.hub}`).toString('base64') },
};

/** A pod with pull secrets, asked about through the Engine API as it were. */
export const everything: CallerCredentials = {
  explicit: { username: 'user', password: secrets.explicit },
  pullSecrets: [
    {
      name: 's',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': JSON.stringify({ auths }) },
    },
  ],
};

const mirrorTable = `[host."https://mirror.test"]
client = [["client.pem", "client.key"]]
[host."https://mirror.test".header]
Authorization = ["Bearer ${secrets.header}"]
X-Api-Key = ["${secrets.apiKey}"]
`;

/** containerd: the mirror first, with headers and a client certificate, then `server` in the place of `registry`. */
export function containerd(registry: string, server: string): MirrorList {
  const folder = `certs.d/${registry}`;
  const files = memoryFiles({
    [`${folder}/hosts.toml`]: `server = "${server}"\n${mirrorTable}`,
    [`${folder}/client.pem`]: client.cert,
    [`${folder}/client.key`]: client.key,
  });
  return loadContainerdHosts({ configPath: 'certs.d', version: 'auto', pathMap: {} }, files);
}

/** k3s: the mirror first, of another repository, then the registry; with passwords for both. */
export const k3s: MirrorList = loadK3s(
  {
    registriesYaml: 'r.yaml',
    disableDefaultEndpoint: false,
    embeddedRegistry: false,
    version: 'auto',
    pathMap: {},
  },
  memoryFiles({
    'r.yaml': `
mirrors: { app.test: { endpoint: ["https://mirror.test"], rewrite: { "^team/(.*)": "proxy/$1" } } }
configs:
  mirror.test: { auth: { username: user, password: ${secrets.k3sMirror} } }
  app.test: { auth: { username: user, password: ${secrets.k3sApp} } }
`,
  }),
);

/** CRI-O: a mirror at the registry's own host, by https or else by http, then the registry. */
export const crio: MirrorList = loadCrio(
  { registriesConf: 'registries.conf', dropIns: null, crioConf: null, version: 'auto', pathMap: {} },
  memoryFiles({
    'registries.conf': `
[[registry]]
location = "app.test"
[[registry.mirror]]
location = "app.test/proxy"
insecure = true
`,
  }),
);

export interface Scene {
  /** containerd's when absent. */
  readonly mirrors?: MirrorList;
  readonly kubeletMatching?: boolean;
  readonly image?: string;
  /** Who answers, by host. */
  readonly houses: Readonly<Record<string, Handler>>;
  /** Hosts without https. */
  readonly mute?: readonly string[];
}

export interface Visit {
  readonly town: Town;
  readonly inspect: (caller?: CallerCredentials) => Promise<Inspection>;
}

/** The town of a scene, and a warm client in it. */
export async function visit(scene: Scene): Promise<Visit> {
  const { mirrors = containerd('app.test', 'https://app.test'), kubeletMatching = false } = scene;
  const { houses, mute = [], image = 'app.test/team/app:1' } = scene;
  const place = closing(await town(houses, mute));
  const { hosts } = place;
  const caPem = [place.authority.cert];
  const registry = closing(createRegistry({ ...defaultRegistryOptions, hosts, caPem }));
  const credentials = credentialsFrom({ ...server, kubeletMatching });
  // Nothing here is slow, but the machine may be.
  const { inspect } = stage(mirrors, { registry, endpointTimeoutMs: 8_000 });
  return {
    town: place,
    inspect: (caller = everything) => inspect(image, { credentials: credentials(caller) }),
  };
}
