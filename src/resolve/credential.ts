/** A credential for a registry, as it is sent or exchanged for a token. Never logged. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  /** Refresh token for the token endpoint (docker's `identitytoken`), used instead of the password. */
  readonly identityToken?: string;
  /** Bearer token sent as it is (docker's `registrytoken`). */
  readonly registryToken?: string;
  /** Where the credential comes from, `Secret team-a/pull` or a file, as messages name it. */
  readonly source?: string;
}
