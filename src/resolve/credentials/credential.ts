/** A credential and the credentials of one caller. Never logged. */
import type { Reference } from '../reference/reference.ts';

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

/** The members of an endpoint that decide about credentials. */
export interface CredentialTarget {
  /** API root. */
  readonly url: string;
  readonly role: 'mirror' | 'upstream';
  readonly repository: string;
  /** Credential from the mirror configuration; null if there is none. */
  readonly credential: Credential | null;
  /** Where the endpoint is configured; null for a registry's default. */
  readonly source: { readonly file: string } | null;
}

/** To which endpoints a node's runtime sends the pull secrets of an image. */
export type PullSecretScope = 'every-endpoint' | 'own-domain';

/** What a refusal by an endpoint does not prove, because a node may have credentials that Pratique did not send. */
export interface RefusalContext {
  /** True if a node would have sent the image's credentials to this mirror, which Pratique keeps from it. */
  readonly isWithheld: boolean;
  /** True if an exec credential provider returned credentials for the image. */
  readonly isProvided: boolean;
  /** Problems of exec credential providers that cover the image, `credential provider "ecr" failed: …`. */
  readonly problems: readonly string[];
}

/** Credentials of one caller: a pod with its pull secrets, the command line, or the Engine API's header. */
export interface Credentials {
  /** Hash that separates cache entries of different callers; '' for a caller without credentials of its own. */
  readonly id: string;
  /** Returns the candidates for this endpoint in the order to try; [] means anonymous. Called only after a challenge. Decides which host may receive which credential. */
  candidates(
    reference: Reference,
    endpoint: CredentialTarget,
    scope: PullSecretScope,
    signal: AbortSignal,
  ): Promise<readonly Credential[]>;
  /** Explains a refusal by this endpoint; called only after one. */
  refusalContext(
    reference: Reference,
    endpoint: CredentialTarget,
    scope: PullSecretScope,
    signal: AbortSignal,
  ): Promise<RefusalContext>;
}

export const noRefusalContext: RefusalContext = { isWithheld: false, isProvided: false, problems: [] };

const noCredentials: Credentials = {
  id: '',
  candidates: () => Promise.resolve([]),
  refusalContext: () => Promise.resolve(noRefusalContext),
};

/** A caller without any credentials. */
export const anonymous = { ...noCredentials, forReference: (): Credentials => noCredentials };
