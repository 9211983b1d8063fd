/** Mapping of exceptions below HTTP (DNS, connections, TLS, timeouts) to `RegistryError`. `status.ts` maps HTTP responses. */
import { clean } from '../../util/text/text.ts';
import { type EndpointFailure, RegistryError } from './error.ts';

type Meaning = readonly [code: EndpointFailure, reason: string, message: string];

const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [
    'ECONNREFUSED',
    ['unavailable', 'ConnectionRefused', 'connection refused: nothing listens at that address and port'],
  ],
  ['ECONNRESET', ['unavailable', 'ConnectionReset', 'the connection was reset']],
  ['EPIPE', ['unavailable', 'ConnectionReset', 'the connection was closed']],
  [
    'UND_ERR_SOCKET',
    ['unavailable', 'ConnectionReset', 'the connection was closed before the answer was complete'],
  ],
  ['ENOTFOUND', ['unavailable', 'NameNotFound', 'no such host']],
  ['EAI_AGAIN', ['unavailable', 'NameNotFound', 'the DNS look-up failed: the name server does not answer']],
  ['EHOSTUNREACH', ['unavailable', 'Unreachable', 'no route to the host']],
  ['ENETUNREACH', ['unavailable', 'Unreachable', 'the network is unreachable']],
  ['EADDRNOTAVAIL', ['unavailable', 'Unreachable', 'no local address to connect from']],
  ['ETIMEDOUT', ['unavailable', 'ConnectTimeout', 'the host did not accept the connection in time']],
  [
    'UND_ERR_CONNECT_TIMEOUT',
    ['unavailable', 'ConnectTimeout', 'the host did not accept the connection in time'],
  ],
  ['UND_ERR_HEADERS_TIMEOUT', ['unavailable', 'Timeout', 'no answer in time']],
  ['UND_ERR_BODY_TIMEOUT', ['unavailable', 'Timeout', 'the answer stopped in the middle']],
  ['UND_ERR_PRX_CONN', ['unavailable', 'Proxy', 'the proxy closed the connection']],
  ['UND_ERR_PRX_TLS', ['unavailable', 'Proxy', "the proxy's certificate is for another name"]],
  // Besides Pratique's own signal, only a proxy that refuses CONNECT causes an abort.
  ['UND_ERR_ABORTED', ['unavailable', 'Proxy', 'the proxy refused to connect']],
  [
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    ['malformed', 'Truncated', 'the response length does not match Content-Length'],
  ],
  // undici fails an assertion for a status below 100.
  ['ERR_ASSERTION', ['malformed', 'NotHttp', 'the answer is not HTTP']],
  ['ANSWER_TOO_LONG', ['malformed', 'TooLarge', 'the answer does not end']],
  ['UND_ERR_HEADERS_OVERFLOW', ['malformed', 'TooLarge', 'the headers of the answer are too large']],
  [
    'FORBIDDEN_ADDRESS',
    ['malformed', 'ForbiddenAddress', 'the registry leads to a loopback, link-local or metadata address'],
  ],
  [
    'LOOPBACK_ADDRESS',
    [
      'unavailable',
      'LoopbackAddress',
      'its address is a loopback address, which means the node itself (registry.loopback)',
    ],
  ],
  ['LOOKUP_QUEUE', ['unavailable', 'LookUpQueue', 'too many other DNS look-ups were running; retry shortly']],
  ['CERT_HAS_EXPIRED', ['tls', 'Expired', 'the certificate has expired']],
  ['CERT_NOT_YET_VALID', ['tls', 'NotYetValid', 'the certificate is not valid yet']],
  ['ERR_TLS_CERT_ALTNAME_INVALID', ['tls', 'WrongName', 'the certificate is for another name']],
  ['CERT_REVOKED', ['tls', 'Revoked', 'the certificate was revoked']],
  ['ERR_SSL_WRONG_VERSION_NUMBER', ['tls', 'NotTls', 'the port does not speak TLS; plain http?']],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', ['tls', 'NotTls', 'the port does not speak TLS; plain http?']],
]);

const unknownAuthority: Meaning = [
  'tls',
  'UnknownAuthority',
  'the certificate is signed by an authority that is not trusted; add its CA to the mirror configuration or registry.caFiles',
];
// Further error codes of X.509 verification.
const untrusted = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|PATH_LENGTH_|ERROR_IN_CERT)/;

// Reasons for which the exception's own message has more detail.
const withDetail: ReadonlySet<string> = new Set([
  'WrongName',
  'Handshake',
  'BadCertificate',
  'ForbiddenAddress',
  'Proxy',
  'ConnectionFailed',
]);
// Reasons that occur before any HTTP request is sent.
const beforeRequest: ReadonlySet<string> = new Set([
  'ConnectionRefused',
  'NameNotFound',
  'Unreachable',
  'ConnectTimeout',
  'Proxy',
  'ForbiddenAddress',
  'LoopbackAddress',
  'LookUpQueue',
]);

/** Maps an exception of the request `where`; `signal` belongs to the attempt. */
export function transportFailure(error: unknown, where: string, signal: AbortSignal): RegistryError {
  if (error instanceof RegistryError) return error;
  if (signal.aborted) return ended(signal, where);
  const code = codeOf(error);
  const [failure, reason, message] = meanings.get(code) ?? tlsOrUnknown(code);
  const detail = withDetail.has(reason) ? detailOf(error) : '';
  return new RegistryError(failure, `${where}: ${message}${detail}`, { reason, cause: error });
}

/** Returns the error for an aborted signal: the attempt's time is up, or the caller cancelled. */
export function ended(signal: AbortSignal, where: string): RegistryError {
  const timeout = isObject(signal.reason) && signal.reason['name'] === 'TimeoutError';
  return timeout
    ? new RegistryError('unavailable', `${where}: no complete answer in the time given`, {
        reason: 'Timeout',
      })
    : new RegistryError('unavailable', `${where}: cancelled`, { reason: 'Cancelled', cause: signal.reason });
}

/** Returns true if the failure occurred before any HTTP request was sent. */
export function failedBeforeRequest(error: RegistryError): boolean {
  return error.code === 'tls' || beforeRequest.has(error.reason ?? '');
}

/** Returns true if a TLS server answered although the handshake failed. Such a host is never contacted in plain text. */
export function spokeTls(error: RegistryError): boolean {
  return error.code === 'tls' && error.reason !== 'NotTls';
}

function tlsOrUnknown(code: string): Meaning {
  if (untrusted.test(code)) return unknownAuthority;
  if (/^ERR_SSL_.*ALERT.*CERTIFICATE_REQUIRED/.test(code))
    return ['tls', 'ClientCertificate', 'the server requires a client certificate'];
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return ['tls', 'Handshake', 'the TLS handshake failed'];
  if (code.startsWith('ERR_OSSL_'))
    return ['tls', 'BadCertificate', 'the configured certificate or key cannot be used'];
  if (code.startsWith('HPE_')) return ['malformed', 'NotHttp', 'the answer is not HTTP'];
  return [
    'unavailable',
    'ConnectionFailed',
    `the request failed (${code === '' ? 'unknown error' : clean(code, 64)})`,
  ];
}

function codeOf(error: unknown): string {
  // undici may wrap an error of the connector once or twice.
  for (let each = error, depth = 0; isObject(each) && depth < 3; each = each['cause'], depth++) {
    // undici's parser error lacks its code on some paths.
    if (each['name'] === 'HTTPParserError') return 'HPE_';
    if (typeof each['code'] === 'string') return each['code'];
  }
  return '';
}

function detailOf(error: unknown): string {
  const message = isObject(error) ? error['message'] : null;
  return typeof message === 'string' && message !== '' ? ` (${clean(message)})` : '';
}

// Does not use `instanceof Error`, because errors of Node's own modules may be of another realm.
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
