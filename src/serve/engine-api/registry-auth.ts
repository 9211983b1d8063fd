/**
 * Decoder of the header `X-Registry-Auth`, which contains a credential. A value that dockerd cannot read
 * counts as no header; no part of the header is ever shown.
 */
import type { Credential } from '../../resolve/credentials/credential.ts';
import { validateAuthConfig } from './generated/validators.js';

// base64 with the URL alphabet and padding, which is Go's `base64.URLEncoding`.
const urlEncoding = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$/;
// Characters that an HTTP header may contain, because the credential becomes one.
const headerText = /^[\x20-\x7e]*$/;

/** Decodes the header; null if it has no credential, so that the caller is anonymous. */
export function decodeRegistryAuth(header: string | undefined): Credential | null {
  if (header === undefined || !urlEncoding.test(header)) return null;
  const members = membersOf(parseJson(Buffer.from(header, 'base64url').toString('utf8')));
  if (!validateAuthConfig(members)) return null;
  const { username, password, identitytoken, registrytoken } = members;
  const credential = {
    username: username ?? '',
    password: password ?? '',
    ...(identitytoken ? { identityToken: identitytoken } : {}),
    ...(registrytoken ? { registryToken: registrytoken } : {}),
  };
  if (!headerText.test(registrytoken ?? '')) return null;
  return Object.values(credential).some((text) => text !== '') ? credential : null;
}

/** Parses JSON; undefined if `text` is not exactly one JSON document. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns the members by their names in lower case: Go's decoder also accepts `Username`, and takes the last
 * of several spellings.
 */
function membersOf(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name.toLowerCase(), value]));
}
