/**
 * Parser of OpenShift's mirror resources from manifests or from objects of a cluster. It ignores other kinds in the same file.
 */
import { DocumentError } from '../../../document/document-error.ts';
import { DocumentValue } from '../../../document/document-value.ts';
import { parseJson } from '../../../document/json.ts';
import { parseYamlDocuments } from '../../../document/yaml.ts';
import type { Warning } from '../../warning.ts';
import { parseLocation } from '../crio/registries-conf/check.ts';
import type { ConfigSource } from '../endpoint.ts';
import { unknownKeyWarnings } from '../warn.ts';
import type { MirrorResources, MirrorSet, Written } from './mirror-set.ts';
import { isValidScope } from './scope.ts';

const config = 'config.openshift.io/v1';
const none: ParsedResources = { digestSets: [], tagSets: [], insecure: [], blocked: [], warnings: [] };

export interface ParsedResources extends MirrorResources {
  readonly warnings: readonly Warning[];
}

/** Parses manifests. Throws `DocumentError`. */
export function parseMirrorResources(text: string, file: string): ParsedResources {
  const options = { file, ignoreCase: false, anyScalarIsText: false };
  const documents = parseYamlDocuments(text, 'manifest').map((node) => new DocumentValue(node, options));
  const found = documents
    .flatMap((document) => objectsOf(document, 0))
    .flatMap((object) => decode(object, ({ source }) => source) ?? []);
  if (found.length === 0 && documents.length > 0) {
    const why =
      'no ImageDigestMirrorSet, ImageTagMirrorSet or ImageContentSourcePolicy in it; correct apiVersion and kind';
    throw new DocumentError('INVALID', why);
  }
  return merge(found);
}

/** An object from the cluster's API. */
export interface MirrorObject {
  /** Name of the object in sources: `ImageDigestMirrorSet/corp`. */
  readonly name: string;
  /** JSON with `apiVersion` and `kind`. */
  readonly text: string;
}

/**
 * Parses objects. Sources name the objects without lines, because nobody sees the lines of the API server's JSON. Throws
 * `DocumentError`.
 */
export function parseMirrorObjects(objects: readonly MirrorObject[]): ParsedResources {
  return merge(objects.map(({ name, text }) => parseObject(name, text) ?? none));
}

/** Parses one object as JSON, twenty times as fast as YAML, because a cluster may have thousands of mirrors. */
function parseObject(name: string, text: string): ParsedResources | null {
  const options = { file: name, ignoreCase: false, anyScalarIsText: false };
  try {
    return decode(new DocumentValue(parseJson(text), options), () => ({ file: name, line: null }));
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new DocumentError(error.code, `${name}: ${error.message}`, null, { cause: error });
  }
}

function merge(resources: readonly ParsedResources[]): ParsedResources {
  return {
    digestSets: resources.flatMap(({ digestSets }) => digestSets),
    tagSets: resources.flatMap(({ tagSets }) => tagSets),
    insecure: resources.flatMap(({ insecure }) => insecure),
    blocked: resources.flatMap(({ blocked }) => blocked),
    warnings: resources.flatMap(({ warnings }) => warnings),
  };
}

/** Returns the object itself, or the items of a List. */
function objectsOf(object: DocumentValue, depth: number): readonly DocumentValue[] {
  if (!object.isObject || !textOf(object.get('kind')).endsWith('List') || depth > 1) return [object];
  return object
    .get('items')
    .items()
    .flatMap((item) => objectsOf(item, depth + 1));
}

type SourceOf = (value: DocumentValue) => ConfigSource;

function decode(object: DocumentValue, sourceOf: SourceOf): ParsedResources | null {
  if (!object.isObject) return null;
  switch (`${textOf(object.get('apiVersion'))} ${textOf(object.get('kind'))}`) {
    case `${config} ImageDigestMirrorSet`: {
      const { sets, warnings } = decodeSets(object.get('spec'), 'imageDigestMirrors', sourceOf);
      return { ...none, digestSets: sets, warnings };
    }
    case `${config} ImageTagMirrorSet`: {
      const { sets, warnings } = decodeSets(object.get('spec'), 'imageTagMirrors', sourceOf);
      return { ...none, tagSets: sets, warnings };
    }
    case 'operator.openshift.io/v1alpha1 ImageContentSourcePolicy': {
      const { sets, warnings } = decodeSets(object.get('spec'), 'repositoryDigestMirrors', sourceOf);
      // ImageContentSourcePolicy has no policy.
      return { ...none, digestSets: sets.map(({ source, mirrors }) => ({ source, mirrors })), warnings };
    }
    case `${config} Image`:
      return { ...none, ...decodeSources(object.get('spec').get('registrySources'), sourceOf) };
    default:
      return null;
  }
}

const setKeys = ['source', 'mirrors', 'mirrorSourcePolicy'];

function decodeSets(
  spec: DocumentValue,
  field: string,
  sourceOf: SourceOf,
): { readonly sets: readonly MirrorSet[]; readonly warnings: readonly Warning[] } {
  const items = spec.get(field).items();
  return {
    sets: items.map((item) => decodeSet(item, sourceOf)),
    warnings: [
      ...unknownKeyWarnings(spec, [field], 'OpenShift'),
      ...items.flatMap((item) => unknownKeyWarnings(item, setKeys, 'OpenShift')),
    ],
  };
}

const sourceKeys = [
  'insecureRegistries',
  'blockedRegistries',
  'allowedRegistries',
  'containerRuntimeSearchRegistries',
];

function decodeSources(
  registrySources: DocumentValue,
  sourceOf: SourceOf,
): Pick<ParsedResources, 'insecure' | 'blocked' | 'warnings'> {
  const scopes = (field: string) =>
    registrySources
      .get(field)
      .items()
      .map((item) => decodeScope(item, field, sourceOf));
  return {
    insecure: scopes('insecureRegistries'),
    blocked: scopes('blockedRegistries'),
    warnings: unknownKeyWarnings(registrySources, sourceKeys, 'OpenShift'),
  };
}

function decodeSet(item: DocumentValue, sourceOf: SourceOf): MirrorSet {
  const [source, policy] = [item.get('source'), item.get('mirrorSourcePolicy')];
  return {
    source: decodeScope(source.isNull ? item : source, 'source', sourceOf),
    mirrors: item
      .get('mirrors')
      .items()
      .map((mirror) => decodeScope(mirror, 'mirrors', sourceOf)),
    policy: { neverContactSource: isNever(policy), at: sourceOf(policy.isNull ? item : policy) },
  };
}

function isNever(policy: DocumentValue): boolean {
  const text = textOf(policy);
  if (text === 'NeverContactSource') return true;
  if (text === '' || text === 'AllowContactingSource') return false;
  throw policy.invalid(`mirrorSourcePolicy is "${text}"; write NeverContactSource or AllowContactingSource`);
}

function decodeScope(value: DocumentValue, field: string, sourceOf: SourceOf): Written {
  const scope = value.check(() => parseLocation(textOf(value)));
  if (isValidScope(scope)) return { text: scope, at: sourceOf(value) };
  throw value.invalid(`"${field}" must hold names such as registry.example.com/team or *.example.com`);
}

/** Returns the text of a value; '' if it is not a string. */
function textOf(value: DocumentValue): string {
  return value.isString ? value.string() : '';
}
