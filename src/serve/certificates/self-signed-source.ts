/**
 * Certificate source `self` without a cluster: a CA and its server certificates are kept in memory and
 * renewed before they expire.
 */
import { every } from '../../util/async/every.ts';
import { HeldSource, type HeldSourceOptions } from './held-source.ts';
import { type Authority, issueAuthority, issueLeaf, leafLifeMs } from './authority/issue.ts';
import { CertificateError } from './source.ts';

export interface SelfSignedOptions extends HeldSourceOptions {
  /** DNS names and IP addresses by which clients call this server. */
  readonly names: readonly string[];
  /** Interval of the expiry check, in milliseconds. */
  readonly checkEveryMs?: number;
}

/**
 * Interval of the expiry check. One timer for the whole lifetime would not work, because two months exceed
 * the limit of `setTimeout` and a machine may sleep.
 */
const defaultCheckIntervalMs = 3_600_000;

export class SelfSignedSource extends HeldSource<SelfSignedOptions> {
  #authority: Authority | null = null;

  async start(signal: AbortSignal): Promise<void> {
    this.#authority = await issueAuthority(this.now());
    await this.#renew(this.#authority);
    void every(this.options.checkEveryMs ?? defaultCheckIntervalMs, signal, () => this.#check());
  }

  /** Renews the certificate when less than a third of its lifetime is left. */
  async #check(): Promise<void> {
    const leftMs = this.current().notAfter.getTime() - this.now();
    if (leftMs > leafLifeMs / 3 || !this.#authority) return;
    try {
      await this.#renew(this.#authority);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.reject(
        new CertificateError('NotIssued', `no new server certificate was issued: ${reason}`, error),
      );
    }
  }

  async #renew(authority: Authority): Promise<void> {
    this.replace(await issueLeaf(authority, this.options.names, this.now()));
  }
}
