/** The error document of the distribution specification, and whether a 404 is one to believe (rule 4). */
import { clean } from '../../../util/text/text.ts';

const maxWords = 256;
const maxErrors = 4;
const maxPlainText = 512;
// Some servers say back what they were sent, and whoever creates a pod may read it.
const echoed = /\b([Bb]asic|[Bb]earer)\s+(?=[\w.~+/-]*[A-Z0-9])[\w.~+/-]{8,}=*/g;

/** What the registry says of itself, `DENIED requested access…`, without credentials, cleaned and cut; null when the body is no error document. */
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
 * Does a 404 come from a registry that looked? An error document, nothing, or a short plain text; a page of HTML comes
 * from a proxy, a portal, or a web server that is no registry.
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
