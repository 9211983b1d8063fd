/** Docker's `config.json` and the older `.dockercfg` as the kubelet reads them. `credHelpers` and `credsStore` are ignored, as there. */
import { clean } from '../../util/text/text.ts';

/** One entry; members that it does not have are empty. */
export interface DockerEntry {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  /** docker's own; the kubelet ignores both. */
  readonly identityToken: string;
  readonly registryToken: string;
}

/** Key as written, `https://index.docker.io/v1/`, and its entry. */
export type KeyedEntry = readonly [key: string, entry: DockerEntry];

export interface DockerConfig {
  readonly entries: readonly KeyedEntry[];
  /** Keys of entries that could not be read. The kubelet refuses the whole then; here they hide nobody else. */
  readonly malformed: readonly string[];
  /** Entries beyond as many as were wanted, which were not read. */
  readonly left: number;
}

/** No docker config, or no entry of one. Never quotes the content. */
export class DockerConfigError extends Error {
  override readonly name = 'DockerConfigError';
  readonly code = 'DOCKER_CONFIG';
}

/**
 * `json`: entries below `auths`, as in `config.json` and `.dockerconfigjson`; `legacy`: entries at the top, as in
 * `.dockercfg`; `either`: told by what is there, for files that may be called anything.
 */
export type DockerConfigForm = 'json' | 'legacy' | 'either';

// The settings of `config.json` are plain words, while `.dockercfg` has registries.
const registry = /[.:/]|^localhost$/;

/** At most `max` entries of it. Throws `DockerConfigError` when the text as a whole is no docker config. */
export function parseDockerConfig(text: string, form: DockerConfigForm, max = Infinity): DockerConfig {
  const document = members(json(text), 'the document');
  const auths = isLegacy(document, form) ? document : members(member(document, 'auths'), 'auths');
  const entries: KeyedEntry[] = [];
  const malformed: string[] = [];
  for (const [key, value] of auths.slice(0, max)) {
    try {
      entries.push([key, decodeEntry(value)]);
    } catch {
      malformed.push(clean(key));
    }
  }
  return { entries, malformed, left: Math.max(0, auths.length - max) };
}

function isLegacy(document: Members, form: DockerConfigForm): boolean {
  if (form !== 'either') return form === 'legacy';
  return member(document, 'auths') === undefined && document.some(([key]) => registry.test(key));
}

/** One entry's JSON value; null is an empty entry. Throws `DockerConfigError`. */
export function decodeEntry(value: unknown): DockerEntry {
  const fields = members(value, 'an entry');
  const auth = text(fields, 'auth');
  const { username, password } =
    auth === ''
      ? { username: text(fields, 'username'), password: text(fields, 'password') }
      : decodeAuth(auth);
  const email = text(fields, 'email');
  return {
    username,
    password,
    email,
    identityToken: text(fields, 'identitytoken'),
    registryToken: text(fields, 'registrytoken'),
  };
}

/** The `auth` field: base64 of `user:password`, padded or not, with line breaks anywhere. Throws `DockerConfigError`. */
export function decodeAuth(field: string): { readonly username: string; readonly password: string } {
  const base64 = field.replace(/[\r\n]/g, '');
  // Go has one decoder for padded texts and one for bare ones; neither takes half a pad.
  const valid = base64.endsWith('=') ? base64.length % 4 === 0 : base64.length % 4 !== 1;
  if (!valid || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new DockerConfigError('auth is not base64');
  const decoded = Buffer.from(base64, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) throw new DockerConfigError('auth has no colon between user and password');
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

type Members = readonly (readonly [name: string, value: unknown])[];

function json(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // The parser's message quotes the text, which is secret.
    throw new DockerConfigError('not JSON');
  }
}

/** null counts as absent. */
function members(value: unknown, what: string): Members {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value)) throw new DockerConfigError(`${what} is no object`);
  return Object.entries(value);
}

/** Go matches names of fields whatever their case; of several the last counts. */
function member(fields: Members, name: string): unknown {
  return fields.findLast(([key, value]) => key.toLowerCase() === name && value !== null)?.[1];
}

function text(fields: Members, name: string): string {
  const value = member(fields, name) ?? '';
  if (typeof value !== 'string') throw new DockerConfigError(`${name} is no text`);
  return value;
}
