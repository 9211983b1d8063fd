/** Text from registries, pods and files made safe to show: no control characters, no unbounded length. */

// C0, DEL, C1, line and paragraph separators, and the bidirectional controls that can reorder what a person reads.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** `text` on one line, controls replaced by one space each run, at most `max` characters (an ellipsis tells of the cut). */
export function clean(text: string, max = 256): string {
  // Cut before replacing: the input may be megabytes. Twice `max` leaves room for runs that shrink.
  const head = text.length > 2 * max + 16 ? text.slice(0, 2 * max + 16) : text;
  return cut(head.replace(unsafe, ' ').trim(), max);
}

/** At most `max` UTF-16 units, never half a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}

/** At most `max` bytes of UTF-8, never a part of a character. */
export function cutBytes(text: string, max: number): string {
  // A UTF-16 unit takes three bytes at most: nearly every text is decided by its length alone.
  if (text.length * 3 <= max || Buffer.byteLength(text) <= max) return text;
  const bytes = Buffer.from(text);
  let end = max - Buffer.byteLength('…');
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}

/** Writes the first `max` texts and how many more there are: `a, b, +3`. */
export function listFirst(texts: readonly string[], max: number, separator = ', '): string {
  const more = texts.length - max;
  return [...texts.slice(0, max), ...(more > 0 ? [`+${more}`] : [])].join(separator);
}
