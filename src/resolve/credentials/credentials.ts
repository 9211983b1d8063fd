/**
 * Credential selection: builds the `Credentials` of every caller. A credential belongs to a physical host; pull secrets never
 * reach mirrors unless `kubeletMatching` allows it.
 */
import { createHash } from 'node:crypto';
import { isOwnHost, registryHost } from '../endpoints/default.ts';
import { nameOf } from '../reference/format.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import type {
  Credential,
  Credentials,
  CredentialTarget,
  PullSecretScope,
  RefusalContext,
} from './credential.ts';
import { criAuth } from './cri-auth.ts';
import type { DockerEntry, KeyedEntry } from './docker-config.ts';
import { type Keyring, keyring } from './keyring.ts';
import { type PullSecret, pullSecretEntries } from './pull-secrets.ts';

/** The kubelet's exec credential providers; implemented by `exec/providers.ts`. */
export interface CredentialProviders {
  /** Returns the entries of all providers that cover this image name. Rejects only with the reason of `signal`. */
  entries(image: string, signal: AbortSignal): Promise<ProvidedEntries>;
}

export interface ProvidedEntries {
  readonly entries: readonly KeyedEntry[];
  /** Explanations, one for each covering provider that failed or returned no credentials. */
  readonly problems: readonly string[];
}

/** Credentials from Pratique's own configuration, the same for every caller. */
export interface ServerCredentials {
  /** Entries of the docker config, keyed by the physical host that is contacted, mirrors included. */
  readonly dockerConfig: readonly KeyedEntry[];
  /** Entries of the kubelet's own file, keyed by image name. */
  readonly nodeDockerConfig: readonly KeyedEntry[];
  readonly execProviders: CredentialProviders | null;
  /** True to send credentials that are keyed by image name to mirrors too, as CRI does. */
  readonly kubeletMatching: boolean;
  /** Problems of the configured files; absent if there are none. */
  readonly warnings?: readonly Warning[];
}

/** Credentials that one caller provides. */
export interface CallerCredentials {
  readonly pullSecrets?: readonly PullSecret[];
  /** Credential of the Engine API's `X-Registry-Auth`. It is meant for the image's own registry and sent to no mirror. */
  readonly explicit?: Credential;
  /**
   * True if the image's own registry receives no credential of the server, so that a caller without a credential is anonymous
   * there.
   */
  readonly isolated?: boolean;
}

export interface ResolvedCredentials extends Credentials {
  readonly warnings: readonly Warning[];
  /** Returns the same candidates under an id that covers only the entries for this image, so that callers share cache entries. */
  forReference(reference: Reference): Credentials;
}

/** Context of an isolated caller. It is not a node, so a refusal leaves no doubt about nodes. */
const notANode: RefusalContext = { isWithheld: false, isProvided: true, problems: [] };

/** Returns the factory of callers' credentials. A call is cheap, because the server's keyrings are built once. */
export function credentialsFrom(
  server: ServerCredentials,
): (caller?: CallerCredentials) => ResolvedCredentials {
  const physical = keyring(server.dockerConfig);
  return ({ pullSecrets = [], explicit, isolated = false } = {}) => {
    const { entries, warnings } = pullSecretEntries(pullSecrets);
    const own = keyring(entries);
    const explicitList = explicit ? [{ ...explicit, source: 'the header X-Registry-Auth' }] : [];
    const byImage: Credentials['candidates'] = async (reference, endpoint, scope, signal) => {
      if (!server.kubeletMatching && !mayReceive(reference, endpoint, scope)) return [];
      const image = nameOf(reference);
      const { entries: node } = await nodeEntries(server, image, signal);
      const entries = [...own.lookup(image), ...node];
      const keyed = entries.map(asKubelet);
      return server.kubeletMatching ? keyed.map((credential) => asRuntime(credential, endpoint)) : keyed;
    };
    const candidates: Credentials['candidates'] = async (reference, endpoint, scope, signal) => {
      const explicitHere = isOwn(reference, endpoint) ? explicitList : [];
      if (isolated && isOwn(reference, endpoint)) return explicitHere;
      const found = [
        ...explicitHere,
        ...(endpoint.credential ? [{ ...endpoint.credential, source: sourceOf(endpoint) }] : []),
        ...(await byImage(reference, endpoint, scope, signal)),
        ...byHost(physical, endpoint).map(asDocker),
      ];
      return distinct(found.filter((credential) => !isEmpty(credential)));
    };
    const refusalContext: Credentials['refusalContext'] = async (reference, endpoint, scope, signal) => {
      if (isolated) return notANode;
      const image = nameOf(reference);
      const { entries: node, provided, problems } = await nodeEntries(server, image, signal);
      const isKept = !server.kubeletMatching && !mayReceive(reference, endpoint, scope);
      if (!isKept) return { isWithheld: false, isProvided: provided > 0, problems };
      const wouldSend = scope === 'every-endpoint' || isOwnHost(reference.domain, addressOf(endpoint).host);
      const isWithheld = wouldSend && own.lookup(image).length + node.length > 0;
      return { isWithheld, isProvided: false, problems: wouldSend ? problems : [] };
    };
    const id = credentialsId(entries, explicit, isolated);
    const idFor = (name: string): string => credentialsId(own.lookup(name), explicit, isolated);
    const both = { candidates, refusalContext };
    return { id, warnings, ...both, forReference: byReference(id, idFor, both) };
  };
}

function isEmpty({ username, password, identityToken, registryToken }: Credential): boolean {
  return [username, password, identityToken, registryToken].every((text) => (text ?? '') === '');
}

function sourceOf({ source }: CredentialTarget): string {
  return source === null ? 'the mirror configuration' : source.file;
}

// 500: more image names than the workloads that share one set of secrets use.
const maxNames = 500;

/** Caches the id of each image name, because admissions repeat the same names. */
function byReference(
  id: string,
  idFor: (name: string) => string,
  methods: Omit<Credentials, 'id'>,
): ResolvedCredentials['forReference'] {
  const serverOnly: Credentials = { id: '', ...methods };
  if (id === '') return () => serverOnly;
  const byName = new Map<string, Credentials>();
  return (reference) => {
    const name = nameOf(reference);
    const cached = byName.get(name);
    if (cached) return cached;
    const credentials = { id: idFor(name), ...methods };
    if (byName.size >= maxNames) byName.clear();
    byName.set(name, credentials);
    return credentials;
  };
}

/** Returns true if the image's credentials may be sent to this endpoint. */
function mayReceive(reference: Reference, endpoint: CredentialTarget, scope: PullSecretScope): boolean {
  if (!isOwn(reference, endpoint)) return false;
  // CRI-O compares the physical host with the domain of the image, whatever role the host has.
  return scope === 'every-endpoint' || isOwnHost(reference.domain, addressOf(endpoint).host);
}

/** Returns true for the registry that the image names, or the host that its configuration replaces it by (the `server` line). */
function isOwn({ domain }: Reference, endpoint: CredentialTarget): boolean {
  const { scheme, host } = addressOf(endpoint);
  // A mirror entry may name the registry itself to rewrite repositories. Plain http is excluded, so that secrets stay encrypted.
  return endpoint.role === 'upstream' || (scheme === 'https' && isOwnHost(domain, host));
}

/** Returns the host as written: `new URL` would drop a default port, which the keys of credentials may contain. */
function addressOf({ url }: CredentialTarget): { readonly scheme: string; readonly host: string } {
  const [, scheme = '', host = ''] = /^(https?):\/\/([^/]*)/.exec(url) ?? [];
  return { scheme, host };
}

/** Looks up the node's entries in one keyring for the file and the providers, as the kubelet does. */
async function nodeEntries(
  { nodeDockerConfig, execProviders }: ServerCredentials,
  image: string,
  signal: AbortSignal,
): Promise<{
  readonly entries: readonly DockerEntry[];
  readonly provided: number;
  readonly problems: readonly string[];
}> {
  const { entries, problems } = execProviders
    ? await execProviders.entries(image, signal)
    : { entries: [], problems: [] };
  const found = keyring([...nodeDockerConfig, ...entries]).lookup(image);
  return { entries: found, provided: keyring(entries).lookup(image).length, problems };
}

/** Returns the entries of the first of the host's names that has any. */
function byHost(ring: Keyring, endpoint: CredentialTarget): readonly DockerEntry[] {
  const found = hostNames(addressOf(endpoint)).map((name) => ring.lookup(`${name}/${endpoint.repository}`));
  return found.find((entries) => entries.length > 0) ?? [];
}

/**
 * Returns the names that configurations use for a host: with and without its default port, and for Docker Hub all its names.
 */
function hostNames({ scheme, host }: { scheme: string; host: string }): readonly string[] {
  const port = scheme === 'https' ? ':443' : ':80';
  const bare = host.endsWith(port) ? host.slice(0, -port.length) : host;
  const others = bare === registryHost('docker.io') || bare === 'index.docker.io' ? ['docker.io'] : [];
  return /:\d+$/.test(bare) ? [bare] : [bare, bare + port, ...others];
}

/** Drops tokens: the kubelet reads only user and password. */
function asKubelet({ username, password, source }: DockerEntry): Credential {
  return { username, password, ...named(source) };
}

/** Converts a kubelet credential as the nodes' runtime does for any host. */
function asRuntime(credential: Credential, endpoint: CredentialTarget): Credential {
  const { username, secret } = criAuth(credential, addressOf(endpoint).host);
  const source = named(credential.source);
  return username === ''
    ? { username, password: '', identityToken: secret, ...source }
    : { username, password: secret, ...source };
}

function named(source: string | undefined): { readonly source?: string } {
  return source === undefined ? {} : { source };
}

function asDocker({ username, password, identityToken, registryToken, source }: DockerEntry): Credential {
  return {
    username,
    password,
    ...named(source),
    ...(identityToken === '' ? {} : { identityToken }),
    ...(registryToken === '' ? {} : { registryToken }),
  };
}

function distinct(credentials: readonly Credential[]): readonly Credential[] {
  const byContent = new Map<string, Credential>();
  for (const credential of credentials) {
    const key = JSON.stringify({ ...credential, source: null });
    if (!byContent.has(key)) byContent.set(key, credential);
  }
  return [...byContent.values()];
}

/** Returns the id: '' for a caller that has only the server's credentials. */
function credentialsId(
  entries: readonly (KeyedEntry | DockerEntry)[],
  explicit: Credential | undefined,
  isolated: boolean,
): string {
  if (entries.length === 0 && !explicit && !isolated) return '';
  // Equal secrets of two namespaces share cache entries, so their sources are left out.
  const content = JSON.stringify([entries, explicit ?? null, isolated], (key, value: unknown) =>
    key === 'source' ? undefined : value,
  );
  return createHash('sha256').update(content).digest('hex');
}
