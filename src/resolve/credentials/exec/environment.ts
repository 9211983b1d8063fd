/** Environment of a provider's process: the given one plus the variables of its configuration. */

/** Concatenates lists of `NAME=value`. If a name occurs several times, the last value counts. */
export function mergeEnv(system: readonly string[], configured: readonly string[]): readonly string[] {
  return [...system, ...configured];
}

/** Converts `NAME=value` to the record that `node:child_process` expects. */
export function environmentOf(variables: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    variables.map((variable) => {
      const equals = variable.indexOf('=');
      return equals < 0 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
    }),
  );
}
