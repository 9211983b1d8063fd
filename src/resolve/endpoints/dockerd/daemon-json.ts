/** `daemon.json` → what it says about registries. Other settings are dockerd's business and are not looked at. */
import { JsonError, type JsonNode, type Place, parseJson } from '../../../document/json.ts';
import { placed } from '../files/config-file.ts';
import type { ConfigSource } from '../endpoint.ts';
import { MirrorConfigError } from '../mirror-config-error.ts';
import { type InsecureRegistries, insecureRegistries, parseInsecure } from './insecure.ts';
import { isProtocolV1, validateMirror } from './mirror.ts';

export interface DockerMirror {
  /** Normalised, with a trailing slash. */
  readonly url: string;
  readonly source: ConfigSource;
}

export interface DaemonConfig {
  /** Without duplicates, in the order tried. */
  readonly mirrors: readonly DockerMirror[];
  readonly insecure: InsecureRegistries;
  /** Where a host of `insecure` is written. */
  readonly insecureSources: ReadonlyMap<string, ConfigSource>;
}

interface Entry extends Place {
  readonly text: string;
}

/** `file` is named in errors and sources. Throws `MirrorConfigError`. */
export function parseDaemonJson(text: string, file: string): DaemonConfig {
  const settings = parseObject(text, file);
  refuseProtocolV1(settings, file);
  const insecure = strings(settings, 'insecure-registries', file).map((entry) => ({
    ...entry,
    parsed: placed({ file, line: entry.line, column: entry.column }, () => parseInsecure(entry.text)),
  }));
  return {
    mirrors: distinct(strings(settings, 'registry-mirrors', file).map((entry) => parseMirror(entry, file))),
    insecure: insecureRegistries(insecure.map(({ parsed }) => parsed)),
    insecureSources: new Map(
      insecure.flatMap(({ parsed, line }) => (parsed.kind === 'host' ? [[parsed.host, { file, line }]] : [])),
    ),
  };
}

/** dockerd takes an empty file for no settings. */
function parseObject(text: string, file: string): ReadonlyMap<string, JsonNode> {
  if (text.trim() === '') return new Map();
  const root = parse(text, file);
  if (root.kind === 'object') return root.members;
  throw new MirrorConfigError('INVALID', at(root, file), 'daemon.json has to be one JSON object');
}

function parse(text: string, file: string): JsonNode {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new MirrorConfigError('SYNTAX', at(error, file), `not valid JSON: ${error.message}`, {
      cause: error,
    });
  }
}

function strings(settings: ReadonlyMap<string, JsonNode>, key: string, file: string): readonly Entry[] {
  const node = settings.get(key);
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  const items = node.kind === 'array' ? node.items : [node];
  return items.map((item) => {
    if (node.kind === 'array' && item.kind === 'scalar' && typeof item.value === 'string') {
      return { text: item.value, line: item.line, column: item.column };
    }
    throw new MirrorConfigError('INVALID', at(item, file), `"${key}" has to be a list of strings`);
  });
}

function parseMirror({ text, ...place }: Entry, file: string): DockerMirror {
  const url = placed(at(place, file), () => validateMirror(text));
  if (isProtocolV1(url)) throw protocolV1(place, file, `mirror ${url}`);
  return { url, source: { file, line: place.line } };
}

function distinct(mirrors: readonly DockerMirror[]): readonly DockerMirror[] {
  return mirrors.filter((mirror, index) => mirrors.findIndex(({ url }) => url === mirror.url) === index);
}

/** The switch that once brought back registries of version 1; dockerd refuses to start with it. */
function refuseProtocolV1(settings: ReadonlyMap<string, JsonNode>, file: string): void {
  const node = settings.get('disable-legacy-registry');
  if (node?.kind !== 'scalar' || node.value !== false) return;
  throw protocolV1(node, file, '"disable-legacy-registry": false');
}

function protocolV1(place: Place, file: string, what: string): MirrorConfigError {
  const why = `${what}: registries of protocol version 1 are no longer supported; remove it`;
  return new MirrorConfigError('INVALID', at(place, file), why);
}

function at({ line, column }: Place, file: string): Place & { readonly file: string } {
  return { file, line, column };
}
