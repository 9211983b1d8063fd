/**
 * DNS resolver whose look-ups cannot starve each other. It queries names by c-ares, which needs no thread. getaddrinfo, which
 * knows search domains but blocks one of libuv's four threads, is used only for names that c-ares does not find, in a separate
 * lane for configured hosts. Positive and negative results are cached.
 */
import { type LookupAddress, lookup as systemLookup, Resolver } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { Semaphore } from '../../../util/async/semaphore.ts';

export interface NameResolverOptions {
  /** DNS servers, such as `127.0.0.1:5353`; the system's if absent. */
  readonly servers?: readonly string[];
  readonly lookup?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

/** Error for a look-up that failed because of other look-ups, not because of the host. */
export class LookupQueueFull extends Error {
  override readonly name = 'LookupQueueFull';
  readonly code = 'LOOKUP_QUEUE';
}

/** Error for a name server that reported no such host, or did not answer. */
export class LookupFailed extends Error {
  override readonly name = 'LookupFailed';
  readonly code: 'ENOTFOUND' | 'EAI_AGAIN';
  constructor(code: LookupFailed['code'], hostname: string) {
    super(hostname);
    this.code = code;
  }
}

type Outcome =
  | { readonly ok: true; readonly addresses: readonly LookupAddress[] }
  | { readonly ok: false; readonly error: LookupFailed };

const maxNames = 2_000;
const positiveMs = 30_000;
const negativeMs = 5_000;
// Time limit of one query by c-ares, milliseconds, and the number of tries.
const queryMs = 1_000;
const tries = 2;
// Maximum time for which a look-up waits for its lane, milliseconds.
const laneMs = 500;

export class NameResolver {
  readonly #resolver: Resolver;
  readonly #lookup: (hostname: string) => Promise<readonly LookupAddress[]>;
  readonly #cache = new LRUCache<string, Outcome>({ max: maxNames, ttlAutopurge: false });
  readonly #running = new Map<string, Promise<Outcome>>();
  /** One look-up per lane, because libuv runs two look-ups at a time. */
  readonly #lanes = { configured: new Semaphore(1), unconfigured: new Semaphore(1) };

  constructor({ servers, lookup = systemAddresses }: NameResolverOptions = {}) {
    this.#resolver = new Resolver({ timeout: queryMs, tries });
    if (servers) this.#resolver.setServers(servers);
    this.#lookup = lookup;
  }

  /**
   * Returns all addresses of a host. `isConfigured` is false for a host that only an image names. Rejects with `LookupFailed`
   * or `LookupQueueFull`.
   */
  async resolve(hostname: string, isConfigured: boolean): Promise<readonly LookupAddress[]> {
    const outcome = this.#cache.get(hostname) ?? (await this.#share(hostname, isConfigured));
    if (outcome.ok) return outcome.addresses;
    throw outcome.error;
  }

  /** Cancels all queries. */
  close(): void {
    this.#resolver.cancel();
  }

  #share(hostname: string, isConfigured: boolean): Promise<Outcome> {
    // A caller of the other lane must not wait for this one's queue.
    const key = `${isConfigured} ${hostname}`;
    const running = this.#running.get(key);
    if (running) return running;
    const work = this.#resolveUncached(hostname, isConfigured).finally(() => this.#running.delete(key));
    this.#running.set(key, work);
    return work;
  }

  async #resolveUncached(hostname: string, isConfigured: boolean): Promise<Outcome> {
    const outcome = await this.#query(hostname, isConfigured);
    this.#cache.set(hostname, outcome, { ttl: outcome.ok ? positiveMs : negativeMs });
    return outcome;
  }

  async #query(hostname: string, isConfigured: boolean): Promise<Outcome> {
    // Names without a dot depend on search domains, and the hosts file takes precedence over DNS.
    const isForSystem = !hostname.includes('.') || isLocalName(hostname) || (await isInHostsFile(hostname));
    if (isForSystem) return await this.#systemQuery(hostname, isConfigured);
    const found = await Promise.all([this.#queryFamily(hostname, 4), this.#queryFamily(hostname, 6)]);
    const addresses = found.flatMap((each) => (each === 'timeout' ? [] : each));
    if (addresses.length > 0) return { ok: true, addresses };
    // A name server that does not answer c-ares would block a thread in getaddrinfo.
    if (found.includes('timeout')) return { ok: false, error: new LookupFailed('EAI_AGAIN', hostname) };
    return await this.#systemQuery(hostname, isConfigured);
  }

  async #systemQuery(hostname: string, isConfigured: boolean): Promise<Outcome> {
    const lane = isConfigured ? this.#lanes.configured : this.#lanes.unconfigured;
    if (!(await lane.acquire(AbortSignal.timeout(laneMs)))) throw new LookupQueueFull(hostname);
    try {
      return { ok: true, addresses: await this.#lookup(hostname) };
    } catch (error) {
      const code =
        error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN' ? 'EAI_AGAIN' : 'ENOTFOUND';
      return { ok: false, error: new LookupFailed(code, hostname) };
    } finally {
      lane.release();
    }
  }

  #queryFamily(hostname: string, family: 4 | 6): Promise<readonly LookupAddress[] | 'timeout'> {
    return new Promise((resolve) => {
      const done = (error: NodeJS.ErrnoException | null, found: readonly string[] | undefined): void => {
        if (error) resolve(error.code === 'ETIMEOUT' || error.code === 'ECANCELLED' ? 'timeout' : []);
        else resolve((found ?? []).map((address) => ({ address, family })));
      };
      if (family === 4) this.#resolver.resolve4(hostname, done);
      else this.#resolver.resolve6(hostname, done);
    });
  }
}

function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || name.endsWith('.local');
}

async function isInHostsFile(hostname: string): Promise<boolean> {
  const text = await readFile('/etc/hosts', 'utf8').catch(() => '');
  const names = text.split('\n').flatMap((line) => line.replace(/#.*/, '').split(/\s+/).slice(1));
  return names.some((name) => name.toLowerCase() === hostname.toLowerCase());
}

function systemAddresses(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}
