/** Loader of the CA for client certificates that `server.webhook.tls` names. */
import type { RecordedFiles } from '../config/files.ts';
import { ConfigurationError } from '../config/problem.ts';
import { certificatesIn } from '../serve/certificates/chain.ts';
import { CertificateError } from '../serve/certificates/source.ts';
import type { ClientAuthentication } from '../serve/http/client-certificates.ts';
import type { TlsConfiguration } from '../serve/schema.ts';

/** Loads the CA. Returns null if clients need no certificate. Throws `ConfigurationError`. */
export function loadClientAuthentication(
  { clientCA, clientNames }: TlsConfiguration,
  files: RecordedFiles,
): ClientAuthentication | null {
  if (clientCA === '') return null;
  const problem = (message: string, cause?: unknown) => {
    const path = 'server.webhook.tls.clientCA';
    return new ConfigurationError([{ file: clientCA, line: null, column: null, path, message }], { cause });
  };
  const text = files.read(clientCA);
  if (text === null) throw problem('does not exist; correct the path');
  try {
    return { ca: certificatesIn(text).join(''), names: clientNames };
  } catch (error) {
    throw error instanceof CertificateError ? problem(error.message, error) : error;
  }
}
