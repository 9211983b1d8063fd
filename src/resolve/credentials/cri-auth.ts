/**
 * Conversion of the kubelet's `AuthConfig` to the user and secret that a node's runtime offers to a host (containerd's
 * `ParseAuth`). It is used only with `kubeletMatching`.
 */

/** The CRI's `AuthConfig`. */
export interface CriAuth {
  readonly username?: string;
  readonly password?: string;
  /** Base64 of `user:password`. */
  readonly auth?: string;
  readonly identityToken?: string;
  /** URL of the only host that may receive the credential. It is usually empty, which allows every host. */
  readonly serverAddress?: string;
}

export interface RuntimeAuth {
  /** Empty if the secret is an identity token. */
  readonly username: string;
  readonly secret: string;
}

const noAuth: RuntimeAuth = { username: '', secret: '' };

/**
 * Returns the user and secret for `host`; empty strings mean anonymous. Throws if `auth` does not contain a user and a
 * password.
 */
export function criAuth(auth: CriAuth | null, host: string): RuntimeAuth {
  if (!auth) return noAuth;
  if (auth.serverAddress && URL.parse(auth.serverAddress)?.host !== host) return noAuth;
  if (auth.username) return { username: auth.username, secret: auth.password ?? '' };
  if (auth.identityToken) return { username: '', secret: auth.identityToken };
  return auth.auth ? decodeBase64Auth(auth.auth) : noAuth;
}

function decodeBase64Auth(auth: string): RuntimeAuth {
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) throw new Error('the auth field does not contain user and password');
  return { username: text.slice(0, colon), secret: text.slice(colon + 1).replace(/^\0+|\0+$/g, '') };
}
