/** Reads the certificate files that a mirror configuration names, once, when it is loaded. Their content is checked when TLS uses it. */
import { clean } from '../../../util/text/text.ts';
import type { ConfigSource, Skip, TlsProfile } from '../endpoint.ts';
import { sourceText } from '../warn.ts';
import { FileError, type Files } from './files.ts';

/** An empty `key` means that the key is in the certificate's file. */
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

/** `skip` is set if a file is missing: the endpoint must not be asked without the certificates that were configured. */
export interface Certificates {
  readonly tls: TlsProfile;
  readonly skip: Skip | null;
}

/** Reads all files of `names`; `source` is where they are named. Never throws for a missing or unreadable file. */
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
