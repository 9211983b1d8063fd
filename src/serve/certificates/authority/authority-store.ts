/** Storage of the shared CA: a Secret, seen as named texts with a version. */

export interface StoredAuthority {
  /** Version that changes with every write. */
  readonly version: string;
  /** Texts by the keys of `authority-record.ts`. */
  readonly data: Readonly<Record<string, string>>;
}

/** Methods reject if the API server is unreachable or rejects the request. */
export interface AuthorityStore {
  /** Returns null if no CA is stored. */
  read(signal: AbortSignal): Promise<StoredAuthority | null>;
  /** Returns null if a CA is stored already. */
  create(data: StoredAuthority['data'], signal: AbortSignal): Promise<StoredAuthority | null>;
  /** Returns null if the stored CA has another version. */
  replace(
    version: string,
    data: StoredAuthority['data'],
    signal: AbortSignal,
  ): Promise<StoredAuthority | null>;
}
