/** The OpenAPI document of the Engine API, and where an answer departs from it. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { parseRequestTarget } from '../../../src/serve/engine-api/request-target.ts';
import type { WholeResponse } from '../pratique/response-of.ts';
import type { RawRequest } from './raw-request.ts';

interface HeaderObject {
  readonly required?: boolean;
  readonly schema: AnySchemaObject;
}

interface ResponseObject {
  readonly headers?: Readonly<Record<string, HeaderObject | { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: AnySchemaObject }>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly headers: Readonly<Record<string, HeaderObject>> };
}

export const documentText = readFileSync(
  new URL('../../../src/serve/engine-api/openapi.yaml', import.meta.url),
  'utf8',
);
export const document = parse(documentText) as Document;
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(document, 'document');

export const methods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const;

export interface NamedAnswer {
  readonly path: string;
  readonly method: (typeof methods)[number];
  readonly status: string;
}

/** Every answer that the document names. */
export function namedAnswers(): NamedAnswer[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) =>
      Object.keys(item[method]?.responses ?? {}).map((status) => ({ path, method, status })),
    ),
  );
}

/** Where an answer departs from the document; none for a path that the document leaves to `page not found`. */
export function departures(request: RawRequest, response: WholeResponse): string[] {
  const path = documentPath(request.path);
  const operation = document.paths[path]?.[(request.method ?? 'GET').toLowerCase()];
  if (!operation) return unnamedDepartures(request, response);
  const described = operation.responses[response.status];
  if (!described) return [`status ${response.status} is not named`];
  return [...headerDepartures(described, response), ...bodyDepartures(described, request, response)];
}

function documentPath(path: string): string {
  const target = parseRequestTarget(path);
  if (target.kind !== 'known') return '';
  switch (target.route.kind) {
    case 'ping':
      return '/_ping';
    case 'version':
      return '/version';
    case 'document':
      return '/openapi.yaml';
    case 'distribution':
      return '/distribution/{name}/json';
    case 'other':
      return '';
    default:
      return target.route satisfies never;
  }
}

/** OPTIONS is answered everywhere, a bad escape is a 400 and a web page is refused on every path. */
function unnamedDepartures({ method }: RawRequest, { status, headers }: WholeResponse): string[] {
  if (method === 'OPTIONS') return [200, 400, 403].includes(status) ? [] : [`status ${status}`];
  if (![400, 403, 404].includes(status)) return [`status ${status} of a path that is not named`];
  return headers['api-version'] === undefined ? [] : ['header api-version of a path that is not named'];
}

/** Headers of HTTP itself, which a document does not describe. */
const ordinary = ['content-type', 'content-length', 'date', 'connection', 'keep-alive'];

function headerDepartures({ headers = {} }: ResponseObject, response: WholeResponse): string[] {
  const specified = new Map(
    Object.entries(headers).map(([name, header]) => [name.toLowerCase(), resolved(header)]),
  );
  const unnamed = Object.keys(response.headers).filter(
    (name) => !specified.has(name) && !ordinary.includes(name),
  );
  const wrong = [...specified].filter(([name, { required = false, schema }]) => {
    const value = response.headers[name];
    if (value === undefined) return required;
    return !ajv.validate(schema, schema['type'] === 'integer' ? Number(value) : value);
  });
  return [
    ...unnamed.map((name) => `header ${name} is not named`),
    ...wrong.map(([name]) => `header ${name}: ${String(response.headers[name])}`),
  ];
}

function resolved(header: HeaderObject | { readonly $ref: string }): HeaderObject {
  if (!('$ref' in header)) return header;
  const found = document.components.headers[header.$ref.split('/').at(-1) ?? ''];
  if (!found) throw new Error(`${header.$ref} leads nowhere`);
  return found;
}

const readers: Readonly<Record<string, (body: string) => unknown>> = {
  'application/json': JSON.parse,
  'application/yaml': (body) => parse(body),
};

function bodyDepartures(
  { content = {} }: ResponseObject,
  { method }: RawRequest,
  { headers, body }: WholeResponse,
): string[] {
  const type = headers['content-type'];
  // Without a body, HEAD tells the type that GET would have.
  if (method === 'HEAD') return body === '' ? [] : ['HEAD has a body'];
  if (type === undefined) return body === '' && Object.keys(content).length === 0 ? [] : ['no content-type'];
  const schema = content[type]?.schema;
  if (!schema) return [`content-type ${type} is not named`];
  const value: unknown = readers[type]?.(body) ?? body;
  return ajv.validate(absolute(schema), value) ? [] : [ajv.errorsText()];
}

function absolute(schema: AnySchemaObject): AnySchemaObject {
  const reference: unknown = schema['$ref'];
  return typeof reference === 'string' ? { $ref: `document${reference}` } : schema;
}
