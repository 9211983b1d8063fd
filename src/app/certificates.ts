/** Where the webhook's certificate comes from: files, an authority shared by the replicas of a cluster, or one of this process alone. */
import { hostname } from 'node:os';
import type { RecordedFiles } from '../config/files.ts';
import { FilesSource } from '../serve/certificates/files.ts';
import { serviceDnsNames } from '../serve/certificates/service-dns-names.ts';
import { SelfSignedSource } from '../serve/certificates/self.ts';
import { SharedAuthoritySource } from '../serve/certificates/shared.ts';
import type { CertificateObserver, CertificateSource } from '../serve/certificates/source.ts';
import type { TlsSource } from '../serve/schema.ts';
import type { OwnNamespace } from './own-namespace.ts';

export interface CertificateOptions {
  readonly tls: TlsSource;
  /** Of the configuration, for relative paths. */
  readonly files: RecordedFiles;
  /** By which the API server calls. */
  readonly service: string;
  /** In a cluster. */
  readonly home: OwnNamespace | null;
  readonly observer: CertificateObserver;
}

export function certificateSource({
  tls,
  service,
  files,
  home,
  observer,
}: CertificateOptions): CertificateSource {
  if (tls.mode === 'files') {
    const { cert, key, ca } = tls;
    const given = { cert: files.absolute(cert), key: files.absolute(key) };
    return new FilesSource({ ...given, ...(ca !== undefined && { ca: files.absolute(ca) }), observer });
  }
  if (home?.store) {
    const { store, namespace } = home;
    return new SharedAuthoritySource({ names: serviceDnsNames(service, namespace), store, observer });
  }
  return new SelfSignedSource({ names: ['localhost', hostname(), '127.0.0.1', '::1'], observer });
}
