/** The error of an invalid configuration: every problem with its position, all at once. */

export interface Problem {
  readonly file: string;
  /** Counted from 1; null if the problem concerns the whole file. */
  readonly line: number | null;
  /** Counted from 1. */
  readonly column: number | null;
  /** `policy.rules[0].mode`; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

// One wrong indentation in YAML can cause hundreds of problems.
const maxProblems = 30;

/** An invalid configuration. Its message has a line for each problem, `file:line:column: path: what is wrong`. */
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
