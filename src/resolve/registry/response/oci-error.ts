/** Error documents of the distribution specification, and the check whether a 404 comes from a registry. */
import { clean } from '../../../util/text/text.ts';

const maxWords = 256;
const maxErrors = 4;
const maxPlainText = 512;
// Some servers echo the request's secrets, and a pod's author may read the message.
const echoed = /\b([Bb]asic|[Bb]earer)\s+(?=[\w.~+/-]*[A-Z0-9])[\w.~+/-]{8,}=*/g;

/**
 * Returns the registry's own message, `DENIED requested access…`, sanitized, cut, and without credentials; null if the body is
 * not an error document.
 */
export function registryWords(body: Uint8Array): string | null {
  const errors = errorsOf(body);
  if (!errors) return null;
  const words = errors
    .slice(0, maxErrors)
    .map(({ code, message }) => `${text(code)} ${text(message)}`.trim());
  return clean(
    words
      .filter((each) => each !== '')
      .join('; ')
      .replace(echoed, '$1 [redacted]'),
    maxWords,
  );
}

/**
 * Returns true if a 404 comes from a registry: its body is an error document, empty, or short plain text. HTML comes from a
 * proxy, a portal, or another web server.
 */
export function isCredibleNotFound(body: Uint8Array, whole: boolean): boolean {
  if (errorsOf(body)) return true;
  const words = Buffer.from(body).toString().trim();
  return whole && words.length <= maxPlainText && !/^[<{[]/.test(words);
}

function errorsOf(
  body: Uint8Array,
): readonly { readonly code?: unknown; readonly message?: unknown }[] | null {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body).toString());
  } catch {
    return null;
  }
  if (typeof document !== 'object' || document === null || !('errors' in document)) return null;
  const { errors } = document;
  return Array.isArray(errors) ? errors.filter((each) => typeof each === 'object' && each !== null) : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
