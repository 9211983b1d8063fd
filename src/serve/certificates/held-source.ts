/** Base of all certificate sources: it holds the certificate in use and the listeners for the next one. */
import {
  type Certificate,
  CertificateError,
  type CertificateObserver,
  type CertificateSource,
} from './source.ts';

export interface HeldSourceOptions {
  readonly observer: CertificateObserver;
  /** Returns milliseconds since the epoch. */
  readonly now?: () => number;
}

export abstract class HeldSource<O extends HeldSourceOptions> implements CertificateSource {
  protected readonly options: O;
  readonly #listeners: ((certificate: Certificate) => void)[] = [];
  #current: Certificate | null = null;

  constructor(options: O) {
    this.options = options;
  }

  abstract start(signal: AbortSignal): Promise<void>;

  current(): Certificate {
    if (!this.#current) throw new CertificateError('NotStarted', 'the certificate source was not started');
    return this.#current;
  }

  onChange(listener: (certificate: Certificate) => void): void {
    this.#listeners.push(listener);
  }

  protected now(): number {
    return this.options.now?.() ?? Date.now();
  }

  protected replace(certificate: Certificate): void {
    this.#current = certificate;
    this.options.observer.certificateLoaded(certificate);
    for (const listener of this.#listeners) listener(certificate);
  }

  protected reject(error: CertificateError): void {
    this.options.observer.certificateRejected(error);
  }
}
