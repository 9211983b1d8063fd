/**
 * Reader of credentials in plain text in a mirror configuration: the `auth` tables of CRI and k3s, by the rules of
 * containerd's `ParseAuth`.
 */
import type { Credential } from '../../credentials/credential.ts';

export interface PlainAuth {
  readonly username: string;
  readonly password: string;
  /** Base64 of `user:password`. */
  readonly auth: string;
  readonly identityToken: string;
}

/**
 * Returns the first of user name, identity token and `auth` that is set; null if none is set, `malformed` if `auth` cannot be
 * decoded.
 */
export function readPlainCredential(plain: PlainAuth): Credential | null | 'malformed' {
  const { username, password, identityToken, auth } = plain;
  if (username !== '') return { username, password };
  if (identityToken !== '') return { username: '', password: '', identityToken };
  if (auth === '') return null;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(auth) || auth.length % 4 !== 0) return 'malformed';
  const [user = '', ...rest] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  if (rest.length === 0) return 'malformed';
  return { username: user, password: rest.join(':').replace(/^\0+|\0+$/g, '') };
}
