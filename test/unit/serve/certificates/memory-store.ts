/** An authority's store in memory, with the versions and conflicts of a Secret. */
import type {
  AuthorityStore,
  StoredAuthority,
} from '../../../../src/serve/certificates/authority/authority-store.ts';

export interface MemoryStore extends AuthorityStore {
  /** null: deleted. */
  stored: StoredAuthority | null;
  /** Every call fails with it. */
  failure: Error | null;
  readonly writes: number;
}

export function memoryStore(): MemoryStore {
  let version = 0;
  const write = (store: MemoryStore, data: StoredAuthority['data']) => {
    version += 1;
    store.stored = { version: String(version), data };
    return store.stored;
  };
  return {
    stored: null,
    failure: null,
    get writes() {
      return version;
    },
    async read() {
      await Promise.resolve();
      if (this.failure) throw this.failure;
      return this.stored;
    },
    async create(data) {
      await Promise.resolve();
      if (this.failure) throw this.failure;
      return this.stored ? null : write(this, data);
    },
    async replace(expected, data) {
      await Promise.resolve();
      if (this.failure) throw this.failure;
      return this.stored?.version === expected ? write(this, data) : null;
    },
  };
}
