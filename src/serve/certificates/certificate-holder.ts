/** Holder of the certificate in use and of the listeners for the next one, shared by all sources. */
import { type Certificate, CertificateError, type CertificateObserver } from './source.ts';

export class CertificateHolder {
  readonly #observer: CertificateObserver;
  readonly #listeners: ((certificate: Certificate) => void)[] = [];
  #current: Certificate | null = null;

  constructor(observer: CertificateObserver) {
    this.#observer = observer;
  }

  /**
   * Returns the certificate in use.
   * @throws {CertificateError} `NotStarted` before the first `replace`
   */
  current(): Certificate {
    if (!this.#current) throw new CertificateError('NotStarted', 'the certificate source was not started');
    return this.#current;
  }

  onChange(listener: (certificate: Certificate) => void): void {
    this.#listeners.push(listener);
  }

  replace(certificate: Certificate): void {
    this.#current = certificate;
    this.#observer.certificateLoaded(certificate);
    for (const listener of this.#listeners) listener(certificate);
  }

  reject(error: CertificateError): void {
    this.#observer.certificateRejected(error);
  }
}
