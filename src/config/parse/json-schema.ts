/** JSON Schema of the configuration (the input side), for suggestions, the reference page and the chart. */
import { z } from 'zod';
import { configurationSchema } from '../configuration.ts';
import type { Path } from './path.ts';

/** Part of JSON Schema that the configuration uses. */
export interface JsonSchema {
  readonly type?: string;
  /** Format of a string, such as `duration` or `size`. */
  readonly kind?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

export function configurationJsonSchema(): JsonSchema {
  return z.toJSONSchema(configurationSchema, { io: 'input' }) as JsonSchema;
}

/** Returns the schema of the value at `path`; null if the schema has no such path. */
export function schemaAt(schema: JsonSchema, path: Path): JsonSchema | null {
  let current: JsonSchema | null = schema;
  for (const step of path) current = current && childSchema(current, step);
  return current;
}

function childSchema(schema: JsonSchema, step: PropertyKey): JsonSchema | null {
  if (typeof step === 'number') return schema.items ?? null;
  const { properties = {}, additionalProperties } = schema;
  const name = String(step);
  if (Object.hasOwn(properties, name)) return properties[name] ?? null;
  return typeof additionalProperties === 'object' ? additionalProperties : null;
}
