/**
 * Reader of the certificate files that a mirror configuration names. It reads them once, when the configuration is loaded; TLS
 * checks their content later.
 */
import { clean } from '../../../util/text/text.ts';
import type { ConfigSource, Skip, TlsProfile } from '../endpoint.ts';
import { sourceText } from '../warn.ts';
import { FileError, type Files } from './files.ts';

/** A certificate and its key. An empty `key` means that the key is in the certificate's file. */
export interface ClientPair {
  readonly cert: string;
  readonly key: string;
}

/** File names as configured. */
export interface CertificateNames {
  readonly ca: readonly string[];
  readonly client: readonly ClientPair[];
  readonly skipVerify: boolean;
}

/**
 * Content of the files. `skip` is present if a file is missing, because a request must not be sent without the configured
 * certificates.
 */
export interface Certificates {
  readonly tls: TlsProfile;
  readonly skip: Skip | null;
}

/** Reads all files of `names`; `source` is the place that names them. It never throws for a missing or unreadable file. */
export function readCertificates(names: CertificateNames, source: ConfigSource, files: Files): Certificates {
  const problems: string[] = [];
  const read = (path: string): string => {
    try {
      const text = files.read(path);
      if (text === null) problems.push(`${path} does not exist`);
      return text ?? '';
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      problems.push(`${path} cannot be read`);
      return '';
    }
  };
  const caPem = names.ca.map(read);
  const clientPem = names.client.map(({ cert, key }) => {
    const certPem = read(cert);
    return { cert: certPem, key: key === '' ? certPem : read(key) };
  });
  const tls = { ca: names.ca, client: names.client, skipVerify: names.skipVerify, caPem, clientPem };
  return { tls, skip: problems.length === 0 ? null : fileMissing(problems, source) };
}

function fileMissing(problems: readonly string[], source: ConfigSource): Skip {
  const message = `${problems.join('; ')} (named in ${sourceText(source)}); mount it here or set mirrors.pathMap`;
  return { reason: 'FileMissing', message: clean(message, 512) };
}
