/** Mapping of unsuccessful HTTP responses to `RegistryError`. */
import { clean } from '../../../util/text/text.ts';
import { readSnippet } from './body.ts';
import { type EndpointFailure, RegistryError } from '../error.ts';
import { isCredibleNotFound, registryWords } from './oci-error.ts';
import { header, type Reply } from './reply.ts';
import { retryAfterMs } from './retry-after.ts';

/** Returns the error for a response and consumes its body. It quotes only a registry's own error document. */
export async function statusFailure(reply: Reply): Promise<RegistryError> {
  const { bytes, whole } = await readSnippet(reply);
  const { status } = reply;
  const retry = retryAfterMs(header(reply, 'retry-after'), Date.now());
  const [code, reason, hint] = meaning(status, reply, bytes, whole);
  const words = registryWords(bytes);
  const details = [hint, words === null || words === '' ? null : `the registry says: ${words}`];
  const message = [`${reply.where} answered ${status}`, ...details.filter((each) => each !== null)].join(
    ', ',
  );
  return new RegistryError(code, message, { reason, status, retryAfterMs: retry });
}

type Meaning = readonly [EndpointFailure, reason: string | null, hint: string | null];

function meaning(status: number, reply: Reply, body: Uint8Array, whole: boolean): Meaning {
  if (status === 401 || status === 403) {
    if (reply.foreign)
      return ['denied', 'Redirect', 'after a redirect to a host that must not receive credentials'];
    return isHtml(reply, body)
      ? ['denied', 'HtmlPage', 'with a page of HTML: a firewall or proxy?']
      : ['denied', null, null];
  }
  if (status === 404) return notFound(reply, body, whole);
  if (status === 429) return ['rate-limited', null, 'too many requests'];
  if (status >= 500 || status === 408) return ['unavailable', 'ServerError', null];
  return ['malformed', 'UnexpectedStatus', null];
}

function notFound(reply: Reply, body: Uint8Array, whole: boolean): Meaning {
  if (isCredibleNotFound(body, whole)) return ['not-found', null, null];
  const type = clean(header(reply, 'content-type') ?? 'no content type', 64);
  return [
    'malformed',
    'NotARegistry',
    `with a body (${type}) that is not a registry's: a proxy or another kind of server?`,
  ];
}

function isHtml(reply: Reply, body: Uint8Array): boolean {
  const type = header(reply, 'content-type') ?? '';
  return /^text\/html/i.test(type) || /^\s*<(?:!doctype|html|head|body)/i.test(Buffer.from(body).toString());
}
