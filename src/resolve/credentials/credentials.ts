/** Who gets which credentials: rule 9. Every caller's `Credentials` are made here. */
import { createHash } from 'node:crypto';
import { isOwnHost, registryHost } from '../endpoints/default.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { nameOf } from '../reference/format.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import type { Credential, Credentials } from './credential.ts';
import { criAuth } from './cri-auth.ts';
import type { DockerEntry, KeyedEntry } from './docker-config.ts';
import { type Keyring, keyring } from './keyring.ts';
import { type PullSecret, pullSecretEntries } from './pull-secrets.ts';

/** What the kubelet's credential providers give for an image name; `exec/providers.ts` implements it. */
export interface CredentialProviders {
  /** Is there a provider for this image? */
  covers(image: string): boolean;
  /** Never rejects but with the reason of `signal`: a provider that fails gives nothing. */
  entries(image: string, signal: AbortSignal): Promise<readonly KeyedEntry[]>;
}

/** What Pratique itself was given; the same for every caller. */
export interface ServerCredentials {
  /** Keyed by the physical host that is asked, mirrors included. */
  readonly dockerConfig: readonly KeyedEntry[];
  /** The kubelet's own file, keyed by image. */
  readonly nodeDockerConfig: readonly KeyedEntry[];
  readonly execProviders: CredentialProviders | null;
  /** Send what is keyed by image to mirrors too, as CRI does. */
  readonly kubeletMatching: boolean;
}

/** What one caller brings along. */
export interface CallerCredentials {
  readonly pullSecrets?: readonly PullSecret[];
  /** Given for the image's own registry by the caller: the Engine API's `X-Registry-Auth`. */
  readonly explicit?: Credential;
}

export interface ResolvedCredentials extends Credentials {
  readonly warnings: readonly Warning[];
  /** The same candidates under an id that stands only for what concerns this image, so that callers share cache entries. */
  forReference(reference: Reference): Credentials;
}

/** Cheap enough for every pod: the server's keyrings are made once. */
export function credentialsFrom(
  server: ServerCredentials,
): (caller?: CallerCredentials) => ResolvedCredentials {
  const physical = keyring(server.dockerConfig);
  return ({ pullSecrets = [], explicit } = {}) => {
    const { entries, warnings } = pullSecretEntries(pullSecrets);
    const own = keyring(entries);
    const given = explicit ? [explicit] : [];
    const byImage: Credentials['candidates'] = async (reference, endpoint, signal) => {
      if (!server.kubeletMatching && !isOwn(reference, endpoint)) return [];
      const image = nameOf(reference);
      const entries = [...own.lookup(image), ...(await nodeEntries(server, image, signal))];
      const keyed = [...given, ...entries.map(asKubelet)];
      return server.kubeletMatching ? keyed.map((credential) => asRuntime(credential, endpoint)) : keyed;
    };
    const candidates: Credentials['candidates'] = async (reference, endpoint, signal) => {
      const found = [
        ...(endpoint.credential ? [endpoint.credential] : []),
        ...(await byImage(reference, endpoint, signal)),
        ...byHost(physical, endpoint).map(asDocker),
      ];
      return distinct(found.filter((credential) => Object.values(credential).some((text) => text !== '')));
    };
    const id = idOf(entries, explicit);
    return { id, warnings, candidates, forReference: byReference(id, own, explicit, candidates) };
  };
}

// Images of the workloads that share a set of secrets.
const maxNames = 500;

/** Each name is looked up and hashed once: admissions ask for the same ones over and over. */
function byReference(
  id: string,
  own: Keyring,
  explicit: Credential | undefined,
  candidates: Credentials['candidates'],
): ResolvedCredentials['forReference'] {
  const nobodys: Credentials = { id: '', candidates };
  if (id === '') return () => nobodys;
  const known = new Map<string, Credentials>();
  return (reference) => {
    const name = nameOf(reference);
    const before = known.get(name);
    if (before) return before;
    const credentials = { id: idOf(own.lookup(name), explicit), candidates };
    if (known.size >= maxNames) known.clear();
    known.set(name, credentials);
    return credentials;
  };
}

/** The registry that the image names, or what its configuration puts in its place (the `server` line). */
function isOwn({ domain }: Reference, endpoint: Endpoint): boolean {
  const { scheme, host } = addressOf(endpoint);
  // A mirror entry may name the registry itself, to rewrite repositories; never in plain text though.
  return endpoint.role === 'upstream' || (scheme === 'https' && isOwnHost(domain, host));
}

/** The host as written: `new URL` would drop a default port, which the keys of credentials may have. */
function addressOf({ url }: Endpoint): { readonly scheme: string; readonly host: string } {
  const [, scheme = '', host = ''] = /^(https?):\/\/([^/]*)/.exec(url) ?? [];
  return { scheme, host };
}

/** As in the kubelet, where the file and the providers share one keyring. */
async function nodeEntries(
  { nodeDockerConfig, execProviders }: ServerCredentials,
  image: string,
  signal: AbortSignal,
): Promise<readonly DockerEntry[]> {
  const provided = execProviders ? await execProviders.entries(image, signal) : [];
  return keyring([...nodeDockerConfig, ...provided]).lookup(image);
}

/** Found under the first of the host's names that has any. */
function byHost(ring: Keyring, endpoint: Endpoint): readonly DockerEntry[] {
  const found = hostNames(addressOf(endpoint)).map((name) => ring.lookup(`${name}/${endpoint.repository}`));
  return found.find((entries) => entries.length > 0) ?? [];
}

/** What a host is called in configurations: with and without its default port, and Docker Hub by its names. */
function hostNames({ scheme, host }: { scheme: string; host: string }): readonly string[] {
  const port = scheme === 'https' ? ':443' : ':80';
  const bare = host.endsWith(port) ? host.slice(0, -port.length) : host;
  const others = bare === registryHost('docker.io') || bare === 'index.docker.io' ? ['docker.io'] : [];
  return /:\d+$/.test(bare) ? [bare] : [bare, bare + port, ...others];
}

/** The kubelet knows user and password only. */
function asKubelet({ username, password }: DockerEntry): Credential {
  return { username, password };
}

/** What the nodes' runtime makes of it for a host, mirror or not. */
function asRuntime(credential: Credential, endpoint: Endpoint): Credential {
  const { username, secret } = criAuth(credential, addressOf(endpoint).host);
  return username === '' ? { username, password: '', identityToken: secret } : { username, password: secret };
}

function asDocker({ username, password, identityToken, registryToken }: DockerEntry): Credential {
  return {
    username,
    password,
    ...(identityToken === '' ? {} : { identityToken }),
    ...(registryToken === '' ? {} : { registryToken }),
  };
}

function distinct(credentials: readonly Credential[]): readonly Credential[] {
  return [...new Map(credentials.map((credential) => [JSON.stringify(credential), credential])).values()];
}

/** '' for a caller that brings nothing. */
function idOf(entries: readonly (KeyedEntry | DockerEntry)[], explicit: Credential | undefined): string {
  if (entries.length === 0 && !explicit) return '';
  return createHash('sha256')
    .update(JSON.stringify([entries, explicit ?? null]))
    .digest('hex');
}
