/** Who gets which credentials: rule 9. Every caller's `Credentials` are made here. */
import { createHash } from 'node:crypto';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { nameOf } from '../reference/format.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import type { Credential, Credentials } from './credential.ts';
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
  readonly nodeCompat: boolean;
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
    const candidates: Credentials['candidates'] = async (reference, endpoint, signal) => {
      const image = nameOf(reference);
      const byImage = server.nodeCompat || isOwnHost(reference, endpoint);
      const found = [
        ...(endpoint.credential ? [endpoint.credential] : []),
        ...(byImage ? [...given, ...own.lookup(image).map(asKubelet)] : []),
        ...(byImage ? (await nodeEntries(server, image, signal)).map(asKubelet) : []),
        ...byHost(physical, endpoint).map(asDocker),
      ];
      return distinct(found.filter((credential) => Object.values(credential).some((text) => text !== '')));
    };
    return {
      id: idOf(entries, explicit),
      warnings,
      candidates,
      forReference: (reference) => ({ id: idOf(own.lookup(nameOf(reference)), explicit), candidates }),
    };
  };
}

/** The registry that the image names, or what its configuration puts in its place (the `server` line). */
function isOwnHost({ domain }: Reference, { role, url }: Endpoint): boolean {
  const { protocol, host } = new URL(url);
  // A mirror entry may name the registry itself, to rewrite repositories; never in plain text though.
  return role === 'upstream' || (protocol === 'https:' && hostNames(host, '443').includes(domain));
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
function byHost(ring: Keyring, { url, repository }: Endpoint): readonly DockerEntry[] {
  const { protocol, host } = new URL(url);
  const names = hostNames(host, protocol === 'https:' ? '443' : '80');
  return names.map((name) => ring.lookup(`${name}/${repository}`)).find((found) => found.length > 0) ?? [];
}

/** What a host is called in configurations: with its default port, and Docker Hub by its name. `host` has no default port. */
function hostNames(host: string, defaultPort: string): readonly string[] {
  const written = /:\d+$/.test(host) ? [host] : [host, `${host}:${defaultPort}`];
  return host === 'registry-1.docker.io' || host === 'index.docker.io' ? [...written, 'docker.io'] : written;
}

/** The kubelet knows user and password only. */
function asKubelet({ username, password }: DockerEntry | Credential): Credential {
  return { username, password };
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
