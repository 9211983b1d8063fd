/**
 * Sanitizers for text from registries, pods and files. Their results have no control characters and a bounded
 * length.
 */

// These are C0, DEL, C1, the line and paragraph separators, and the bidirectional controls that reorder
// displayed text.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/**
 * Puts `text` on one line: replaces each run of control characters by a space, and cuts to `max` characters
 * with an ellipsis.
 */
export function clean(text: string, max = 256): string {
  // The input may be megabytes long, so it is cut before the replacement. Twice `max` leaves room for runs
  // that shrink.
  const head = text.length > 2 * max + 16 ? text.slice(0, 2 * max + 16) : text;
  return cut(head.replace(unsafe, ' ').trim(), max);
}

/**
 * Does the same as `clean` but keeps spaces at both ends, for text between quotation marks: a space may be
 * the mistake.
 */
export function cleanQuoted(text: string, max = 256): string {
  return cut(text.slice(0, max + 1).replace(unsafe, ' '), max);
}

/** Cuts to `max` UTF-16 units without splitting a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}

/** Cuts to `max` bytes of UTF-8 without splitting a character. */
export function cutBytes(text: string, max: number): string {
  // A UTF-16 unit takes at most three bytes, so the length alone decides for nearly every text.
  if (text.length * 3 <= max || Buffer.byteLength(text) <= max) return text;
  const bytes = Buffer.from(text);
  let end = max - Buffer.byteLength('…');
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}

/** Lists the first `max` texts and the number of further ones: `a, b, +3`. */
export function listFirst(texts: readonly string[], max: number, separator = ', '): string {
  const more = texts.length - max;
  return [...texts.slice(0, max), ...(more > 0 ? [`+${more}`] : [])].join(separator);
}
