/** Parser for Docker's `config.json` and the older `.dockercfg`, with the kubelet's semantics: `credHelpers` and `credsStore` are ignored. */
import { clean } from '../../util/text/text.ts';

/** One entry; absent members are empty. */
export interface DockerEntry {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  /** Identity token, which Docker reads and the kubelet ignores, like `registryToken`. */
  readonly identityToken: string;
  readonly registryToken: string;
  /** Source of the entry as messages name it: `Secret team-a/pull` or a file. */
  readonly source?: string;
}

/** Key as written, such as `https://index.docker.io/v1/`, and its entry. */
export type KeyedEntry = readonly [key: string, entry: DockerEntry];

export interface DockerConfig {
  readonly entries: readonly KeyedEntry[];
  /**
   * Keys of entries that could not be read. The kubelet would reject the whole document; Pratique still uses the other
   * entries.
   */
  readonly malformed: readonly string[];
  /** Number of entries beyond the maximum, which were not read. */
  readonly skippedEntries: number;
  /** True if the document names credential helpers (`credsStore`, `credHelpers`), which neither the kubelet nor Pratique runs. */
  readonly hasHelpers: boolean;
}

/** Error for a text, or one of its entries, that is not a valid docker config. The message never quotes the content. */
export class DockerConfigError extends Error {
  override readonly name = 'DockerConfigError';
  readonly code = 'DOCKER_CONFIG';
}

/**
 * `json`: the entries are below `auths`, as in `config.json` and `.dockerconfigjson`. `legacy`: the entries are at the top
 * level, as in `.dockercfg`. `either`: the content decides, for files of any name.
 */
export type DockerConfigForm = 'json' | 'legacy' | 'either';

// The settings of `config.json` are plain words, while the keys of `.dockercfg` are registries.
const registry = /[.:/]|^localhost$/;

/** Reads at most `max` entries. Throws `DockerConfigError` if the text as a whole is not a docker config. */
export function parseDockerConfig(
  text: string,
  form: DockerConfigForm,
  { max = Infinity, source = '' }: { readonly max?: number; readonly source?: string } = {},
): DockerConfig {
  const document = members(json(text), 'the document');
  const auths = isLegacy(document, form) ? document : members(member(document, 'auths'), 'auths');
  const entries: KeyedEntry[] = [];
  const malformed: string[] = [];
  for (const [key, value] of auths.slice(0, max)) {
    try {
      entries.push([key, source === '' ? decodeEntry(value) : { ...decodeEntry(value), source }]);
    } catch {
      malformed.push(clean(key));
    }
  }
  const hasHelpers = ['credsstore', 'credhelpers'].some((name) => member(document, name) !== undefined);
  return { entries, malformed, skippedEntries: Math.max(0, auths.length - max), hasHelpers };
}

function isLegacy(document: Members, form: DockerConfigForm): boolean {
  if (form !== 'either') return form === 'legacy';
  return member(document, 'auths') === undefined && document.some(([key]) => registry.test(key));
}

/** Decodes the JSON value of one entry; null is an empty entry. Throws `DockerConfigError`. */
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

/** Decodes the `auth` field: base64 of `user:password`, padded or not, with line breaks anywhere. Throws `DockerConfigError`. */
export function decodeAuth(field: string): { readonly username: string; readonly password: string } {
  const base64 = field.replace(/[\r\n]/g, '');
  // Go has one decoder for padded and one for unpadded text; neither accepts partial padding.
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
    // The parser's message would quote the text, which is secret.
    throw new DockerConfigError('not JSON');
  }
}

/** Returns the members of an object; null counts as absent. */
function members(value: unknown, what: string): Members {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    throw new DockerConfigError(`${what} is not an object`);
  return Object.entries(value);
}

/** Returns a member. The name is compared case-insensitively and the last match wins, as in Go's decoder. */
function member(fields: Members, name: string): unknown {
  return fields.findLast(([key, value]) => key.toLowerCase() === name && value !== null)?.[1];
}

function text(fields: Members, name: string): string {
  const value = member(fields, name) ?? '';
  if (typeof value !== 'string') throw new DockerConfigError(`${name} is not a string`);
  return value;
}
