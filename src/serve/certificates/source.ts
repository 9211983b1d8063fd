/** Where the webhook's certificate comes from; a source never stops having one. */

/** PEM texts. */
export interface Certificate {
  /** Leaf first, then its chain. */
  readonly cert: string;
  readonly key: string;
  /** The CA that clients have to trust; absent where the operator knows it and we do not. */
  readonly ca?: string;
  readonly notAfter: Date;
}

export interface CertificateSource {
  /** The certificate in use. @throws {CertificateError} `NotStarted` before `start` resolved */
  current(): Certificate;
  /** `listener` gets each new certificate after the present one. */
  onChange(listener: (certificate: Certificate) => void): void;
  /** Resolves when there is a certificate; goes on renewing until `signal` aborts. @throws {CertificateError} */
  start(signal: AbortSignal): Promise<void>;
}

/** What a source tells to whoever counts. */
export interface CertificateObserver {
  /** A certificate is in use from now on. */
  certificateLoaded(certificate: Certificate): void;
  /** A new one was refused or could not be made, the old one stays. */
  certificateRejected(error: CertificateError): void;
}

export type CertificateErrorCode =
  | 'NotStarted'
  | 'Unreadable'
  | 'Malformed'
  | 'Mismatch'
  | 'Expired'
  | 'NotIssued';

/** Match on `code`. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateErrorCode;
  constructor(code: CertificateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
