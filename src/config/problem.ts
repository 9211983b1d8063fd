/** Error of an invalid configuration. It lists all problems with their positions. */

export interface Problem {
  readonly file: string;
  /** Line, counted from 1; null if the problem concerns the whole file. */
  readonly line: number | null;
  /** Column, counted from 1. */
  readonly column: number | null;
  /** Path such as `policy.rules[0].mode`; empty for the document itself. */
  readonly path: string;
  /** Text that says what is wrong and what is allowed. */
  readonly message: string;
}

// Limit of listed problems: one wrong indentation in YAML can cause hundreds.
const maxProblems = 30;

/**
 * Error of an invalid configuration. Its message has a line `file:line:column: path: what is wrong` for each
 * problem.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'CONFIGURATION';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    const more = problems.length - maxProblems;
    const lines = problems.slice(0, maxProblems).map(formatProblem);
    super([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), options);
    this.problems = problems;
  }
}

function formatProblem(problem: Problem): string {
  const position = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  return [position, problem.path, problem.message].filter((part) => part !== '').join(': ');
}
