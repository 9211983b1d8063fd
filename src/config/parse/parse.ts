/**
 * Parser of the text of a configuration file, which reports every problem at once. It does not read the files
 * that the configuration names.
 */
import type { z } from 'zod';
import { type Configuration, configurationSchema } from '../configuration.ts';
import { findContradictions } from './cross-checks.ts';
import { type Explanation, explain } from './explain.ts';
import { configurationJsonSchema } from './json-schema.ts';
import { formatPath } from './path.ts';
import { ConfigurationError, type Problem } from '../problem.ts';
import { parseYaml, type YamlText } from './yaml.ts';

/** Parses and validates `text`. `file` is the name of the file in messages. Throws `ConfigurationError`. */
export function parseConfiguration(text: string, file: string): Configuration {
  const yaml = parseYaml(text, file);
  const parsed = configurationSchema.safeParse(yaml.data, { reportInput: true });
  const issues = parsed.error?.issues ?? [];
  const sections = parsed.data ?? validSections(yaml.data, issues);
  const schema = configurationJsonSchema();
  const explanations = [
    ...issues.flatMap((issue) => explain(issue, schema)),
    ...findContradictions(sections).map((each) => ({ ...each, isKey: false })),
  ];
  if (parsed.success && explanations.length === 0) return parsed.data;
  throw new ConfigurationError(toProblems(explanations, yaml, file));
}

/**
 * Returns the sections without issues, which can be checked against each other even if other sections are
 * invalid.
 */
function validSections(data: unknown, issues: readonly z.core.$ZodIssue[]): Partial<Configuration> {
  const invalid = new Set(issues.map(({ path }) => path[0]));
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  const values = new Map<string, unknown>(entries);
  const sections = Object.entries(configurationSchema.shape).flatMap(([name, schema]) => {
    const section = invalid.has(name) ? null : schema.safeParse(values.get(name));
    return section?.success ? [[name, section.data] as const] : [];
  });
  return Object.fromEntries(sections) as Partial<Configuration>;
}

function toProblems(explanations: readonly Explanation[], yaml: YamlText, file: string): readonly Problem[] {
  return explanations
    .map(({ path, isKey, message }) => ({
      file,
      ...(isKey ? yaml.keyPosition(path) : yaml.valuePosition(path)),
      path: formatPath(path),
      message,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
