/** What is wrong with a configuration file: every problem with its place, all at once. */

export interface Problem {
  readonly file: string;
  /** From 1; null where the file as a whole is meant. */
  readonly line: number | null;
  /** From 1. */
  readonly column: number | null;
  /** `policy.rules[0].mode`; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

// More would not be read by anybody, and one slip in YAML can make hundreds.
const maxProblems = 30;

/** A configuration that cannot be used. Its message has a line per problem, `file:line:column: path: what is wrong`. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'CONFIGURATION';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    const more = problems.length - maxProblems;
    const lines = problems.slice(0, maxProblems).map(line);
    super([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), options);
    this.problems = problems;
  }
}

function line(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  return [place, problem.path, problem.message].filter((part) => part !== '').join(': ');
}
