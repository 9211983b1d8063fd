/** Mode `self` without a cluster: a CA and its server certificates in memory, renewed before they end. */

import { every } from '../../util/async/every.ts';
import { CertificateHolder } from './certificate-holder.ts';
import { type Authority, issueAuthority, issueLeaf, leafLife } from './authority/issue.ts';
import {
  type Certificate,
  CertificateError,
  type CertificateObserver,
  type CertificateSource,
} from './source.ts';

export interface SelfSignedOptions {
  /** DNS names and IP addresses that clients call this server by. */
  readonly names: readonly string[];
  readonly observer: CertificateObserver;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** How often the age of the certificate is looked at, milliseconds. */
  readonly checkEveryMs?: number;
}

/** A timer of two months does not fit `setTimeout`, and a machine may sleep: the age is looked at now and then. */
const hourly = 3_600_000;

export class SelfSignedSource implements CertificateSource {
  readonly #options: SelfSignedOptions;
  readonly #now: () => number;
  readonly #held: CertificateHolder;
  #authority: Authority | null = null;

  constructor(options: SelfSignedOptions) {
    this.#options = options;
    this.#held = new CertificateHolder(options.observer);
    this.#now = options.now ?? Date.now;
  }

  current(): Certificate {
    return this.#held.current();
  }

  onChange(listener: (certificate: Certificate) => void): void {
    this.#held.onChange(listener);
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#authority = await issueAuthority(this.#now());
    await this.#renew(this.#authority);
    void every(this.#options.checkEveryMs ?? hourly, signal, () => this.#check());
  }

  /** Renews when less than a third of its life is left. */
  async #check(): Promise<void> {
    const left = this.current().notAfter.getTime() - this.#now();
    if (left > leafLife / 3 || !this.#authority) return;
    try {
      await this.#renew(this.#authority);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const failure = new CertificateError('NotIssued', `no new server certificate: ${why}`, error);
      this.#held.refuse(failure);
    }
  }

  async #renew(authority: Authority): Promise<void> {
    this.#held.take(await issueLeaf(authority, this.#options.names, this.#now()));
  }
}
