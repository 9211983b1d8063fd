/** Interface of the storage of the shared CA: a Secret, seen as named texts with a version. */

export interface StoredAuthority {
  /** Changes with every write. */
  readonly version: string;
  /** Keys as in `authority-record.ts`. */
  readonly data: Readonly<Record<string, string>>;
}

/** Methods reject if the API server is unreachable or refuses the request. */
export interface AuthorityStore {
  /** null if there is none. */
  read(signal: AbortSignal): Promise<StoredAuthority | null>;
  /** null if one exists already. */
  create(data: StoredAuthority['data'], signal: AbortSignal): Promise<StoredAuthority | null>;
  /** null if it is no longer at `version`. */
  replace(
    version: string,
    data: StoredAuthority['data'],
    signal: AbortSignal,
  ): Promise<StoredAuthority | null>;
}
