/** Encoder of `Authorization: Basic` (RFC 7617, UTF-8). */
import type { Credential } from '../../credentials/credential.ts';

/** Encodes user name and password. An identity token replaces a missing password, as in containerd. */
export function basicAuthorization(credential: Credential): string {
  const secret = credential.password === '' ? (credential.identityToken ?? '') : credential.password;
  return `Basic ${Buffer.from(`${credential.username}:${secret}`).toString('base64')}`;
}
