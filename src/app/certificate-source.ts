/**
 * Choice of the source of the webhook's certificate: files, a CA shared by the replicas in a cluster, or a CA
 * of this process.
 */
import { hostname } from 'node:os';
import type { RecordedFiles } from '../config/files.ts';
import { FilesSource } from '../serve/certificates/files-source.ts';
import { serviceDnsNames } from '../serve/certificates/service-dns-names.ts';
import { SelfSignedSource } from '../serve/certificates/self-signed-source.ts';
import { SharedAuthoritySource } from '../serve/certificates/shared-authority-source.ts';
import type { CertificateObserver, CertificateSource } from '../serve/certificates/source.ts';
import type { TlsSource } from '../serve/schema.ts';
import type { OwnNamespace } from './own-namespace.ts';

export interface CertificateOptions {
  readonly source: TlsSource;
  /** Files of the configuration. Relative paths are resolved against its folder. */
  readonly files: RecordedFiles;
  /** Name of the Service through which the API server calls the webhooks. */
  readonly service: string;
  /** null outside a cluster. */
  readonly ownNamespace: OwnNamespace | null;
  readonly observer: CertificateObserver;
}

export function createCertificateSource({
  source,
  service,
  files,
  ownNamespace,
  observer,
}: CertificateOptions): CertificateSource {
  if (source.mode === 'files') {
    const { cert, key, ca } = source;
    const paths = { cert: files.absolute(cert), key: files.absolute(key) };
    return new FilesSource({ ...paths, ...(ca !== undefined && { ca: files.absolute(ca) }), observer });
  }
  if (ownNamespace?.store) {
    const { store, namespace } = ownNamespace;
    return new SharedAuthoritySource({ names: serviceDnsNames(service, namespace), store, observer });
  }
  return new SelfSignedSource({ names: ['localhost', hostname(), '127.0.0.1', '::1'], observer });
}
