/** `Authorization: Basic` (RFC 7617, UTF-8). */
import type { Credential } from '../../credentials/credential.ts';

/** User name and password; an identity token stands in for a missing password, as containerd sends it. */
export function basicAuthorization(credential: Credential): string {
  const secret = credential.password === '' ? (credential.identityToken ?? '') : credential.password;
  return `Basic ${Buffer.from(`${credential.username}:${secret}`).toString('base64')}`;
}
