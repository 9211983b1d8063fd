/** YAML manifests → mirror resources. Other kinds in the same file are passed over. */
import { JsonError, type JsonNode, parseJson } from '../../../document/json.ts';
import { placed } from '../files/config-file.ts';
import { parseLocation } from '../crio/registries-conf/check.ts';
import { InvalidSetting } from '../invalid-setting.ts';
import { MirrorConfigError } from '../mirror-config-error.ts';
import type { MirrorResources, MirrorSet, Written } from './mirror-set.ts';
import { isValidScope } from './scope.ts';
import { parseYamlDocuments } from './yaml-documents.ts';

const config = 'config.openshift.io/v1';
const none: MirrorResources = { digestSets: [], tagSets: [], insecure: [], blocked: [] };

/** Throws `MirrorConfigError`. */
export function parseMirrorResources(text: string, file: string): MirrorResources {
  const documents = parseYamlDocuments(text, file);
  const found = documents
    .flatMap((document) => objectsOf(document, file, 0))
    .flatMap((object) => decode(object, file) ?? []);
  if (found.length === 0 && documents.length > 0) {
    const why =
      'no ImageDigestMirrorSet, ImageTagMirrorSet or ImageContentSourcePolicy in it; correct apiVersion and kind';
    throw new MirrorConfigError('INVALID', { file, line: null, column: null }, why);
  }
  return merged(found);
}

/** An object of a cluster. */
export interface MirrorObject {
  /** What sources call it: `ImageDigestMirrorSet/corp`. */
  readonly name: string;
  /** JSON, with `apiVersion` and `kind`. */
  readonly text: string;
}

/** Sources name the objects; lines of what the API server gives mean nothing to anybody. Throws `MirrorConfigError`. */
export function parseMirrorObjects(objects: readonly MirrorObject[]): MirrorResources {
  return withoutLines(merged(objects.map(({ name, text }) => decode(jsonIn(text, name), name) ?? none)));
}

/** Twenty times as fast as YAML: a cluster may have thousands of mirrors, and serves meanwhile. */
function jsonIn(text: string, file: string): JsonNode {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new MirrorConfigError('SYNTAX', { file, line: null, column: null }, error.message, {
      cause: error,
    });
  }
}

function merged(resources: readonly MirrorResources[]): MirrorResources {
  return {
    digestSets: resources.flatMap(({ digestSets }) => digestSets),
    tagSets: resources.flatMap(({ tagSets }) => tagSets),
    insecure: resources.flatMap(({ insecure }) => insecure),
    blocked: resources.flatMap(({ blocked }) => blocked),
  };
}

function withoutLines({ digestSets, tagSets, insecure, blocked }: MirrorResources): MirrorResources {
  const bare = ({ text, at }: Written): Written => ({ text, at: { ...at, line: null } });
  const set = ({ source, mirrors, ...policy }: MirrorSet): MirrorSet => {
    return { source: bare(source), mirrors: mirrors.map(bare), ...policy };
  };
  return {
    digestSets: digestSets.map(set),
    tagSets: tagSets.map(set),
    insecure: insecure.map(bare),
    blocked: blocked.map(bare),
  };
}

/** The object itself, or the items of a List. */
function objectsOf(node: JsonNode, file: string, depth: number): readonly JsonNode[] {
  const kind = textOf(member(node, 'kind'));
  if (!kind.endsWith('List') || depth > 1) return [node];
  return itemsOf(member(node, 'items'), 'items', file).flatMap((item) => objectsOf(item, file, depth + 1));
}

function decode(object: JsonNode, file: string): MirrorResources | null {
  const spec = member(object, 'spec');
  const sets = (field: string) =>
    itemsOf(member(spec, field), field, file).map((item) => decodeSet(item, file));
  switch (`${textOf(member(object, 'apiVersion'))} ${textOf(member(object, 'kind'))}`) {
    case `${config} ImageDigestMirrorSet`:
      return { ...none, digestSets: sets('imageDigestMirrors') };
    case `${config} ImageTagMirrorSet`:
      return { ...none, tagSets: sets('imageTagMirrors') };
    case 'operator.openshift.io/v1alpha1 ImageContentSourcePolicy':
      // The older kind has no policy.
      return {
        ...none,
        digestSets: sets('repositoryDigestMirrors').map((set) => ({ ...set, neverContactSource: false })),
      };
    case `${config} Image`:
      return { ...none, ...decodeSources(member(spec, 'registrySources'), file) };
    default:
      return null;
  }
}

function decodeSources(
  node: JsonNode | undefined,
  file: string,
): Pick<MirrorResources, 'insecure' | 'blocked'> {
  const scopes = (field: string) =>
    itemsOf(member(node, field), field, file).map((item) => decodeScope(item, field, file));
  return { insecure: scopes('insecureRegistries'), blocked: scopes('blockedRegistries') };
}

function decodeSet(node: JsonNode, file: string): MirrorSet {
  const policy = member(node, 'mirrorSourcePolicy');
  return {
    source: decodeScope(member(node, 'source') ?? node, 'source', file),
    mirrors: itemsOf(member(node, 'mirrors'), 'mirrors', file).map((item) =>
      decodeScope(item, 'mirrors', file),
    ),
    neverContactSource: placed({ file, ...placeOf(policy ?? node) }, () => isNever(textOf(policy))),
  };
}

function isNever(policy: string): boolean {
  if (policy === 'NeverContactSource') return true;
  if (policy === '' || policy === 'AllowContactingSource') return false;
  throw new InvalidSetting(
    `mirrorSourcePolicy is "${policy}"; write NeverContactSource or AllowContactingSource`,
  );
}

function decodeScope(node: JsonNode, field: string, file: string): Written {
  const text = placed({ file, ...placeOf(node) }, () => {
    const scope = parseLocation(textOf(node));
    if (isValidScope(scope)) return scope;
    throw new InvalidSetting(
      `"${field}" has to hold names such as registry.example.com/team or *.example.com`,
    );
  });
  return { text, at: { file, line: node.line } };
}

function itemsOf(node: JsonNode | undefined, field: string, file: string): readonly JsonNode[] {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  if (node.kind === 'array') return node.items;
  throw new MirrorConfigError('INVALID', { file, ...placeOf(node) }, `"${field}" has to be a list`);
}

function member(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.get(key) : undefined;
}

/** Empty for what is no string. */
function textOf(node: JsonNode | undefined): string {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
}

function placeOf({ line, column }: JsonNode): { readonly line: number; readonly column: number } {
  return { line, column };
}
