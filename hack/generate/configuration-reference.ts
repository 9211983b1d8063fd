/** Generator of docs/reference/configuration.md from the configuration's schema. */
import { stringify } from 'yaml';
import { configurationJsonSchema, type JsonSchema } from '../../src/config/parse/json-schema.ts';
import { markdownMark, tableRow, writeGenerated } from './generated-file.ts';

const intro = `# Configuration file

One YAML document, given by \`--config\` or \`$PRATIQUE_CONFIG\`. Every key has a default, so a file needs only the settings
that differ. Without a file the defaults apply and no mirrors are configured. Relative paths are relative to the file.
Unknown keys, invalid values and contradictory settings are rejected, all at once, each with its line and path.

A running server reloads the file when it, or a file that it names, changes. It rejects, logs and counts an invalid new
version and keeps the active one; requests in flight finish with the endpoint list they started with.

- **duration**: as Go writes it, \`500ms\`, \`30s\`, \`1h30m\`.
- **size**: as Kubernetes writes it, \`512Ki\`, \`4Mi\`.
- **address**: \`:8443\`, \`host:port\`, \`[::1]:8443\` or \`unix:/path\`.
- **platform**: \`linux/amd64\`, \`linux/arm/v7\`, \`windows(10.0.20348)/amd64\`.
- **globs**: \`*\` is any text without \`/\`, \`**\` any text at all.

The defaults:
`;

export function writeConfigurationReference(): void {
  writeGenerated(
    'docs/reference/configuration.md',
    `${markdownMark('configuration-reference.ts')}\n${referencePage()}`,
  );
}

function referencePage(): string {
  const schema = configurationJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).filter(([, section]) => section.properties);
  const defaults = stringify(defaultValue(schema), { lineWidth: 0 });
  return [
    `${intro}\n\`\`\`yaml\n${defaults}\`\`\`\n`,
    ...sections.map(([name, section]) => sectionText(name, section)),
  ].join('\n');
}

function sectionText(name: string, section: JsonSchema): string {
  const tables = flatten(name, section);
  const blocks = [...tables].map(([title, rows], index) => {
    const heading = index === 0 ? `## \`${title}\`\n\n${section.description ?? ''}` : `### \`${title}\``;
    return `${heading}\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return blocks.join('\n');
}

/** A table for the section and one for each list of mappings in it. */
function flatten(
  title: string,
  section: JsonSchema,
  tables = new Map<string, string[]>(),
): Map<string, string[]> {
  const rows: string[] = [];
  tables.set(title, rows);
  const walk = (prefix: string, { properties = {}, required = [] }: JsonSchema): void => {
    for (const [name, schema] of Object.entries(properties)) {
      const key = `${prefix}${name}`;
      rows.push(row(key, schema, required.includes(name)));
      if (schema.properties) walk(`${key}.`, schema);
      if (schema.items?.properties) flatten(`${title}.${key}[]`, schema.items, tables);
    }
  };
  walk('', section);
  return tables;
}

function row(key: string, schema: JsonSchema, required: boolean): string {
  const { default: value } = schema;
  const shown = required
    ? 'required'
    : value === undefined || schema.properties
      ? ''
      : `\`${JSON.stringify(value)}\``;
  const cells = [`\`${key}\``, typeName(schema), shown, schema.description ?? ''];
  return tableRow(...cells);
}

function typeName(schema: JsonSchema): string {
  if (schema.kind !== undefined) return schema.kind;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf) return schema.anyOf.map(typeName).join(' or ');
  if (schema.items) return `list of ${typeName(schema.items)}`;
  if (typeof schema.additionalProperties === 'object')
    return `mapping to ${typeName(schema.additionalProperties)}`;
  return (
    { string: 'text', object: 'mapping', integer: 'whole number', boolean: 'true or false' }[
      schema.type ?? ''
    ] ?? 'any'
  );
}

/** undefined for a key without a default, such as the mirror sources. */
function defaultValue({ const: fixed, default: value, properties }: JsonSchema): unknown {
  if (
    !properties ||
    (value === undefined && fixed === undefined && !Object.hasOwn(properties, 'apiVersion'))
  ) {
    return fixed ?? value;
  }
  const members = Object.entries(properties).map(([name, schema]) => [name, defaultValue(schema)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}
