/** Which user and secret a node's runtime offers to a host, from what the kubelet hands it: containerd's `ParseAuth`. Only `kubeletMatching` does as the nodes do here. */

/** The CRI's `AuthConfig`. */
export interface CriAuth {
  readonly username?: string;
  readonly password?: string;
  /** Base64 of `user:password`. */
  readonly auth?: string;
  readonly identityToken?: string;
  /** URL of the only host that may be offered these; usually empty, and then every host is. */
  readonly serverAddress?: string;
}

export interface Offer {
  /** Empty beside a secret that is an identity token. */
  readonly username: string;
  readonly secret: string;
}

const nothing: Offer = { username: '', secret: '' };

/** Empty strings mean anonymous. Throws when `auth` holds no user and password. */
export function criAuth(auth: CriAuth | null, host: string): Offer {
  if (!auth) return nothing;
  if (auth.serverAddress && URL.parse(auth.serverAddress)?.host !== host) return nothing;
  if (auth.username) return { username: auth.username, secret: auth.password ?? '' };
  if (auth.identityToken) return { username: '', secret: auth.identityToken };
  return auth.auth ? decode(auth.auth) : nothing;
}

function decode(auth: string): Offer {
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) throw new Error('the auth field holds no user and password');
  return { username: text.slice(0, colon), secret: text.slice(colon + 1).replace(/^\0+|\0+$/g, '') };
}
