/** User names, passwords and tokens, and who may receive them. Nothing here is ever logged. */
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Reference } from '../reference/reference.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
  /** A refresh token for the token endpoint (docker's `identitytoken`), used instead of the password. */
  readonly identityToken?: string;
  /** A bearer token to send as it is (docker's `registrytoken`). */
  readonly registryToken?: string;
}

/** The credentials of one caller: a pod with its pull secrets, the command line, the Engine API's header. */
export interface Credentials {
  /** Hash that separates cache entries (rule 12); '' for a caller without credentials of its own. */
  readonly id: string;
  /** Candidates for this endpoint in the order to try; [] means anonymous. Asked only after a challenge. Rule 9 decides here who gets what. */
  candidates(reference: Reference, endpoint: Endpoint, signal: AbortSignal): Promise<readonly Credential[]>;
}

const nobody: Credentials = { id: '', candidates: () => Promise.resolve([]) };

/** No credentials for anybody. */
export const anonymous = { ...nobody, forReference: (): Credentials => nobody };
