/** Generator of docs/reference/imageinspection.md from the CustomResourceDefinition. */
import { type Fields, fields, isObject, items, text } from '../../src/util/unstructured.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { markdownMark, tableRow, writeGenerated } from './generated-file.ts';

export function writeImageInspectionReference(): void {
  writeGenerated('docs/reference/imageinspection.md', page());
}

function page(): string {
  const { spec } = fields(customResourceDefinition());
  const { group, names, versions } = fields(spec);
  const { kind, plural, shortNames, categories } = fields(names);
  const version = fields(items(versions)[0]);
  const schema = fields(fields(version['schema'])['openAPIV3Schema']);
  const listed = (values: unknown) =>
    items(values)
      .map((value) => code(text(value)))
      .join(', ');
  const selectable = items(version['selectableFields']).map((field) => code(pathOf(field)));
  return [
    markdownMark('imageinspection-reference.ts'),
    `# ${text(kind)}`,
    `${text(schema['description'])} How to use it: [ImageInspections](../how-to/imageinspections.md).`,
    table(
      ['', ''],
      [
        ['API version', code(`${text(group)}/${text(version['name'])}`)],
        [
          'Names',
          `${code(text(plural))}, short ${listed(shortNames)}, category ${listed(categories)}; namespaced`,
        ],
        ['Selectable fields', selectable.join(', ')],
      ],
    ),
    '## Columns',
    table(['Column', 'Field', 'Meaning'], items(version['additionalPrinterColumns']).map(column)),
    ...['spec', 'status'].flatMap((name) => section(name, fields(fields(schema['properties'])[name]))),
  ]
    .join('\n\n')
    .concat('\n');
}

function column(value: unknown): readonly string[] {
  const { name, priority, description } = fields(value);
  return [`${text(name)}${priority === 1 ? ' (`-o wide`)' : ''}`, code(pathOf(value)), text(description)];
}

function section(name: string, schema: Fields): readonly string[] {
  return [...tables(name, schema)].flatMap(([title, rows], index) => {
    const shown = table(['Field', 'Type', 'Meaning'], rows);
    if (index > 0) return [`### ${code(title)}`, shown];
    return [`## ${code(title)}`, text(schema['description']), shown, ...rules(schema)];
  });
}

/** A table for the schema and one for each list of objects in it. */
function tables(
  title: string,
  schema: Fields,
  found = new Map<string, (readonly string[])[]>(),
): ReadonlyMap<string, readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  found.set(title, rows);
  const walk = (prefix: string, { properties, required }: Fields): void => {
    for (const [name, value] of Object.entries(fields(properties))) {
      const [key, field] = [`${prefix}${name}`, fields(value)];
      const meaning = [text(field['description']), ...rules(field)].join(' ');
      rows.push([code(key), typeOf(field, items(required).includes(name)), meaning]);
      if (field['properties']) walk(`${key}.`, field);
      const item = fields(field['items']);
      if (item['properties']) tables(`${title}.${key}[]`, item, found);
    }
  };
  walk('', schema);
  return found;
}

function typeOf(field: Fields, isRequired: boolean): string {
  const { maxItems } = field;
  const words = typeof maxItems === 'number' ? `${typeName(field)}, at most ${maxItems}` : typeName(field);
  return isRequired ? `${words}; required` : words;
}

function typeName({ type, items: item, enum: values, format }: Fields): string {
  if (isObject(item)) return `list of ${typeName(item) === 'object' ? 'objects' : typeName(item)}`;
  if (Array.isArray(values)) return values.map((value) => code(String(value))).join(', ');
  return format === 'date-time' ? 'time' : text(type);
}

/** The validation messages of the API server for a field. */
function rules(field: Fields): readonly string[] {
  return items(field['x-kubernetes-validations']).map((rule) => `Checked: ${text(fields(rule)['message'])}.`);
}

function pathOf(value: unknown): string {
  return text(fields(value)['jsonPath']).slice(1);
}

function code(word: string): string {
  return `\`${word}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => tableRow(...cells)).join('\n');
}
