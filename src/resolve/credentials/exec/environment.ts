/** The environment of a provider: the one handed in, then what its configuration adds. */

/** `NAME=value` in order; of several with one name the last counts. */
export function mergeEnv(system: readonly string[], configured: readonly string[]): readonly string[] {
  return [...system, ...configured];
}

/** As `node:child_process` takes it. */
export function environmentOf(variables: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    variables.map((variable) => {
      const equals = variable.indexOf('=');
      return equals < 0 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
    }),
  );
}
