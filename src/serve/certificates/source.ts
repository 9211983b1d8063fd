/** Interface of the sources of the webhook's certificate. A source that has started always has one. */

/** Certificate and key as PEM texts. */
export interface Certificate {
  /** Leaf certificate, followed by its chain. */
  readonly cert: string;
  readonly key: string;
  /** CA bundle for clients; absent if only the operator knows it. */
  readonly ca?: string;
  readonly notAfter: Date;
}

export interface CertificateSource {
  /**
   * Returns the certificate in use.
   * @throws {CertificateError} `NotStarted` before `start` resolved
   */
  current(): Certificate;
  /** Calls `listener` with every later certificate. */
  onChange(listener: (certificate: Certificate) => void): void;
  /**
   * Resolves when there is a certificate, and renews it until `signal` aborts.
   * @throws {CertificateError}
   */
  start(signal: AbortSignal): Promise<void>;
}

export interface CertificateObserver {
  /** Called when a certificate comes into use. */
  certificateLoaded(certificate: Certificate): void;
  /** Called when a new certificate was rejected or could not be issued; the previous one stays in use. */
  certificateRejected(error: CertificateError): void;
}

export type CertificateErrorCode =
  | 'NotStarted'
  | 'Unreadable'
  | 'Malformed'
  | 'Mismatch'
  | 'Expired'
  | 'NotIssued';

/** Error of a certificate or its source. Callers match on `code`. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateErrorCode;
  constructor(code: CertificateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
