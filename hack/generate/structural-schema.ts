/** Conversion of zod's JSON Schema to the structural schema of a CustomResourceDefinition, with checks of the result. */
import { type Fields, fields, items, text } from '../../src/util/unstructured.ts';

/** Removes what the API server rejects or would act upon: patterns of dates, defaults, bounds of plain integers. */
export function structural(schema: unknown): Fields {
  const kept = Object.entries(fields(schema)).filter(([key, value]) => isKept(key, value, fields(schema)));
  return Object.fromEntries(kept.map(([key, value]) => [key, inner(key, value)]));
}

function isKept(key: string, value: unknown, schema: Fields): boolean {
  if (key === '$schema' || key === 'default' || key === 'additionalProperties') return false;
  // The format expresses the same, readable for people.
  if (key === 'pattern') return schema['format'] === undefined;
  return !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER);
}

function inner(key: string, value: unknown): unknown {
  if (key === 'items') return structural(value);
  if (key !== 'properties') return value;
  return Object.fromEntries(
    Object.entries(fields(value)).map(([name, schema]) => [name, structural(schema)]),
  );
}

const known = new Set(
  (
    'type description properties required items enum format pattern minimum maximum minLength maxLength minItems ' +
    'maxItems x-kubernetes-list-type x-kubernetes-list-map-keys x-kubernetes-validations'
  ).split(' '),
);

/** Returns one line per reason why `schema` is not structural and bounded, with its path. Empty if it is both. */
export function flaws(schema: unknown, path = ''): readonly string[] {
  const here = fields(schema);
  const type = text(here['type']);
  const missing = requirements(here, type).filter((key) => here[key] === undefined);
  return [
    ...Object.keys(here).flatMap((key) => (known.has(key) ? [] : [`${path || '.'}: has ${key}`])),
    ...(['object', 'array', 'string', 'integer', 'boolean'].includes(type)
      ? []
      : [`${path || '.'}: is of type "${type}"`]),
    ...missing.map((key) => `${path || '.'}: has no ${key}`),
    ...keyFlaws(here, path),
    ...Object.entries(fields(here['properties'])).flatMap(([name, child]) => flaws(child, `${path}.${name}`)),
    ...(type === 'array' ? flaws(here['items'], `${path}[]`) : []),
  ];
}

function requirements(schema: Fields, type: string): readonly string[] {
  switch (type) {
    case 'object':
      return ['properties'];
    case 'array':
      return ['items', 'maxItems', 'x-kubernetes-list-type'];
    case 'string':
      return items(schema['enum']).length > 0 ? [] : ['maxLength'];
    default:
      return [];
  }
}

/** Returns the map keys that an item of the list may lack. */
function keyFlaws(schema: Fields, path: string): readonly string[] {
  const item = fields(schema['items']);
  return items(schema['x-kubernetes-list-map-keys']).flatMap((key) =>
    items(item['required']).includes(key) ? [] : [`${path}[]: the key ${String(key)} is not required`],
  );
}

/** Returns the paths without a description. List items are described by their list. */
export function undescribed(schema: unknown, path = ''): readonly string[] {
  const here = fields(schema);
  const own = here['description'] === undefined && !path.endsWith('[]') ? [path || '.'] : [];
  return [
    ...own,
    ...Object.entries(fields(here['properties'])).flatMap(([name, child]) =>
      undescribed(child, `${path}.${name}`),
    ),
    ...(here['items'] === undefined ? [] : undescribed(here['items'], `${path}[]`)),
  ];
}
