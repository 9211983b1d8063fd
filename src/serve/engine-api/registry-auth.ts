/** The header `X-Registry-Auth` → a credential. What dockerd cannot read counts as no header; nothing of it is ever shown. */
import type { Credential } from '../../resolve/credentials/credential.ts';
import { validateAuthConfig } from './generated/validators.js';

// base64 of the URL alphabet with padding: `base64.URLEncoding` of Go.
const urlEncoding = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$/;
// It becomes a header of HTTP.
const headerText = /^[\x20-\x7e]*$/;

/** Returns null if there is no credential: the caller is anonymous. */
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

/** Returns undefined if `text` is not one JSON document. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names in lower case: Go's decoder reads `Username` as well, and of several takes the last. */
function membersOf(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name.toLowerCase(), value]));
}
