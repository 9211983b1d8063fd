/** Remover of secrets from text of foreign origin, such as errors of libraries and answers of registries. */

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [
    /((?:authorization|password|passwd|token|secret)["']?\s*[=:]\s*["']?)(?!bearer|basic)[^\s"'&,;]+/gi,
    '$1[redacted]',
  ],
  [/:\/\/[^\s/@]+@/g, '://[redacted]@'],
];

/** Replaces everything that looks like a credential. The caller bounds the length of `text`. */
export function redact(text: string): string {
  return replacements.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
