/**
 * Repository rewrites of k3s's containerd: Go's regular expressions and templates, in time linear in the repository's length.
 * They never change the host.
 */
import { type Matcher, RE2JS, RE2JSException } from 're2js';
import { clean } from '../../../util/text/text.ts';

/** 1024: re2 compiles in time linear in the length of a pattern, and no pattern or template in use is near that length. */
const longest = 1024;

/** Repository path by the grammar of distribution/reference. */
const repositoryPath = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

/** Error for a pattern that Go rejects too. */
export class RewriteError extends Error {
  override readonly name = 'RewriteError';
  readonly code = 'REWRITE_PATTERN';
}

/** One rule of a `rewrite` table. */
export class Rewrite {
  readonly pattern: string;
  readonly replacement: string;
  readonly #regexp: RE2JS;

  /** Compiles the rule. Throws `RewriteError` if `pattern` does not have Go's syntax. */
  constructor(pattern: string, replacement: string) {
    if (pattern.length > longest || replacement.length > longest) {
      throw new RewriteError(`rewrite ${clean(pattern, 40)} is longer than ${longest} characters`);
    }
    this.pattern = pattern;
    this.replacement = replacement;
    try {
      this.#regexp = RE2JS.compile(pattern);
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      throw new RewriteError(`rewrite ${clean(pattern, 120)}: ${clean(error.message)}`, { cause: error });
    }
  }

  /**
   * Replaces all matches as Go's `Regexp.ReplaceAllString` does, which ignores an empty match directly after another match.
   */
  replaceAll(text: string): string {
    const matcher = this.#regexp.matcher(text);
    let result = '';
    let copied = 0;
    let from = 0;
    while (from <= text.length && matcher.find(from)) {
      const [start, end] = [matcher.start(), matcher.end()];
      result += text.slice(copied, start);
      if (end > copied || start === 0) result += expandTemplate(this.replacement, matcher);
      copied = end;
      from = end > from ? end : from + 1;
    }
    return result + text.slice(copied);
  }
}

/** Result of rewriting a repository. It is `rewritten` even if no rule changes the repository. */
export type RewriteResult =
  | { readonly kind: 'rewritten'; readonly repository: string }
  | { readonly kind: 'ambiguous'; readonly results: readonly string[] }
  | { readonly kind: 'invalid'; readonly repository: string };

/**
 * Applies the rules as k3s does, which uses the first rule that changes the repository. It visits the rules in the random
 * order of a Go map, so the result is ambiguous if several rules change the repository.
 */
export function rewriteRepository(rules: readonly Rewrite[], repository: string): RewriteResult {
  const results = rules.map((rule) => rule.replaceAll(repository)).filter((result) => result !== repository);
  const [first = repository, ...others] = results;
  if (others.length > 0) return { kind: 'ambiguous', results };
  if (!repositoryPath.test(first)) return { kind: 'invalid', repository: first };
  return { kind: 'rewritten', repository: first };
}

// Group references of Go's `Regexp.Expand`: `$1`, `$name`, `${1}`, `${name}`, `$$`. A name extends over all letters, digits
// and underscores.
const groupReference = /\$(?:(\$)|(?<plain>[\p{L}\p{Nd}_]+)|\{(?<braced>[\p{L}\p{Nd}_]+)\})/gu;

function expandTemplate(template: string, matcher: Matcher): string {
  return template.replace(groupReference, (whole: string, dollar: string | undefined, plain, braced) =>
    dollar === undefined ? groupText(matcher, String(plain ?? braced ?? whole)) : '$',
  );
}

/** Returns the text of a group; '' if the group does not exist or is not part of the match. */
function groupText(matcher: Matcher, name: string): string {
  const index = /^(?:0|[1-9]\d{0,7})$/.test(name) ? Number(name) : matcher.pattern().namedGroups()[name];
  if (index === undefined || index > matcher.groupCount()) return '';
  return matcher.group(index) ?? '';
}
