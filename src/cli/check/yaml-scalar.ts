/** Resolution of plain YAML scalars as in go-yaml v2, which kubectl uses: YAML 1.1 without base 60. */

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, Number.POSITIVE_INFINITY] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

// Integers that Go's strconv.ParseInt accepts with base 0, after underscores are removed.
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** Returns a boolean, a number, null, or the text itself. */
export function resolveScalar(text: string): unknown {
  if (words.has(text)) return words.get(text);
  if (!/^[-+.0-9]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  if (/^[-+0-9]/.test(text) && integer.test(digits)) return parseInteger(digits);
  return float.test(digits) && !(text.startsWith('.') && text.includes('_')) ? Number(digits) : text;
}

function parseInteger(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  const isOctal = /^0[0-7]+$/.test(digits);
  return sign * Number(isOctal ? `0o${digits.slice(1)}` : digits);
}
