/** Types of a credential and of the credentials of one caller. They are never logged. */
import type { Reference } from '../reference/reference.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
  /** Refresh token for the token endpoint (docker's `identitytoken`), used instead of the password. */
  readonly identityToken?: string;
  /** Bearer token sent as it is (docker's `registrytoken`). */
  readonly registryToken?: string;
  /** Source of the credential as messages name it: `Secret team-a/pull` or a file. */
  readonly source?: string;
}

/** Members of an endpoint that decide which credentials it may receive. */
export interface CredentialTarget {
  /** API root of the endpoint. */
  readonly url: string;
  readonly role: 'mirror' | 'upstream';
  readonly repository: string;
  /** Credential from the mirror configuration; null if there is none. */
  readonly credential: Credential | null;
  /** Place that configures the endpoint; null for a registry's default. */
  readonly source: { readonly file: string } | null;
}

/** Endpoints to which a node's runtime sends the pull secrets of an image. */
export type PullSecretScope = 'every-endpoint' | 'own-domain';

/** Reasons why a refusal by an endpoint proves nothing: a node may have credentials that Pratique did not send. */
export interface RefusalContext {
  /** True if a node would have sent the image's credentials to this mirror while Pratique withheld them. */
  readonly isWithheld: boolean;
  /** True if an exec credential provider returned credentials for the image. */
  readonly isProvided: boolean;
  /** Problems of exec credential providers that cover the image: `credential provider "ecr" failed: …`. */
  readonly problems: readonly string[];
}

/** Credentials of one caller: a pod with its pull secrets, the command line, or the Engine API's header. */
export interface Credentials {
  /** Hash that separates cache entries of different callers; '' for a caller that has no credentials. */
  readonly id: string;
  /**
   * Returns the candidates for this endpoint in the order to try; [] means anonymous. It decides which host may receive which
   * credential, and is called only after a challenge.
   */
  candidates(
    reference: Reference,
    endpoint: CredentialTarget,
    scope: PullSecretScope,
    signal: AbortSignal,
  ): Promise<readonly Credential[]>;
  /** Explains a refusal by this endpoint. It is called only after a refusal. */
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

/** Credentials of a caller that has none. */
export const anonymous = { ...noCredentials, forReference: (): Credentials => noCredentials };
