/** Text → `Configuration`, or every problem of it at once. Reads no file: what a path names is looked at when it is used. */
import type { z } from 'zod';
import { type Configuration, configurationSchema } from '../configuration.ts';
import { contradictions } from './cross-checks.ts';
import { type Explanation, explain } from './explain.ts';
import { configurationJsonSchema } from './json-schema.ts';
import { formatPath } from './path.ts';
import { ConfigurationError, type Problem } from '../problem.ts';
import { parseYaml, type YamlText } from './yaml.ts';

/** `file` is its name in messages. Throws `ConfigurationError`. */
export function parseConfiguration(text: string, file: string): Configuration {
  const yaml = parseYaml(text, file);
  const parsed = configurationSchema.safeParse(yaml.data, { reportInput: true });
  const issues = parsed.error?.issues ?? [];
  const sections = parsed.data ?? soundSections(yaml.data, issues);
  const schema = configurationJsonSchema();
  const explanations = [
    ...issues.flatMap((issue) => explain(issue, schema)),
    ...contradictions(sections).map((each) => ({ ...each, key: false })),
  ];
  if (parsed.success && explanations.length === 0) return parsed.data;
  throw new ConfigurationError(problems(explanations, yaml, file));
}

/** What can be checked against each other although other sections are wrong. */
function soundSections(data: unknown, issues: readonly z.core.$ZodIssue[]): Partial<Configuration> {
  const wrong = new Set(issues.map(({ path }) => path[0]));
  const given = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  const values = new Map<string, unknown>(given);
  const sections = Object.entries(configurationSchema.shape).flatMap(([name, schema]) => {
    const section = wrong.has(name) ? null : schema.safeParse(values.get(name));
    return section?.success ? [[name, section.data] as const] : [];
  });
  return Object.fromEntries(sections) as Partial<Configuration>;
}

function problems(explanations: readonly Explanation[], yaml: YamlText, file: string): readonly Problem[] {
  return explanations
    .map(({ path, key, message }) => ({
      file,
      ...(key ? yaml.keyPlace(path) : yaml.place(path)),
      path: formatPath(path),
      message,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
