/** Where the replicas keep the authority they share: a Secret, seen from here as named texts with a version. */

export interface StoredAuthority {
  /** Changes with every change. */
  readonly version: string;
  /** `authority-record.ts` knows the names. */
  readonly data: Readonly<Record<string, string>>;
}

/** Rejects when nothing can be said: unreachable, forbidden. */
export interface AuthorityStore {
  /** null: there is none. */
  read(signal: AbortSignal): Promise<StoredAuthority | null>;
  /** null: somebody else has created one. */
  create(data: StoredAuthority['data'], signal: AbortSignal): Promise<StoredAuthority | null>;
  /** null: it is no longer at `version`. */
  replace(
    version: string,
    data: StoredAuthority['data'],
    signal: AbortSignal,
  ): Promise<StoredAuthority | null>;
}
