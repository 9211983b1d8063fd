/** Takes secrets out of text that came from elsewhere: errors of libraries, answers of registries. */

const rules: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [
    /((?:authorization|password|passwd|token|secret)["']?\s*[=:]\s*["']?)(?!bearer|basic)[^\s"'&,;]+/gi,
    '$1[redacted]',
  ],
  [/:\/\/[^\s/@]+@/g, '://[redacted]@'],
];

/** `text` without what looks like a credential; bound its length before. */
export function redact(text: string): string {
  return rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
