/** A credential and the credentials of one caller. Never logged. */
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Reference } from '../reference/reference.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
  /** Refresh token for the token endpoint (docker's `identitytoken`), used instead of the password. */
  readonly identityToken?: string;
  /** Bearer token sent as it is (docker's `registrytoken`). */
  readonly registryToken?: string;
}

/** Credentials of one caller: a pod with its pull secrets, the command line, or the Engine API's header. */
export interface Credentials {
  /** Hash that separates cache entries of different callers; '' for a caller without credentials of its own. */
  readonly id: string;
  /** Returns the candidates for this endpoint in the order to try; [] means anonymous. Called only after a challenge. Decides which host may receive which credential. */
  candidates(reference: Reference, endpoint: Endpoint, signal: AbortSignal): Promise<readonly Credential[]>;
}

const noCredentials: Credentials = { id: '', candidates: () => Promise.resolve([]) };

/** A caller without any credentials. */
export const anonymous = { ...noCredentials, forReference: (): Credentials => noCredentials };
