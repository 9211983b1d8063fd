/**
 * Parser of the registry settings in `daemon.json`. It checks other settings by name only, because dockerd does not start with
 * an unknown one.
 */
import { DocumentError } from '../../../document/document-error.ts';
import { DocumentValue } from '../../../document/document-value.ts';
import { parseJson } from '../../../document/json.ts';
import { nearest } from '../../../util/text/nearest.ts';
import { clean } from '../../../util/text/text.ts';
import type { Warning } from '../../warning.ts';
import type { ConfigSource } from '../endpoint.ts';
import { unknownKeyWarning } from '../warn.ts';
import { daemonFlags, daemonKeys, isFlatOption } from './daemon-keys.ts';
import { type InsecureRegistries, insecureRegistries, parseInsecure } from '../insecure-registries.ts';
import { isProtocolV1, validateMirror } from './mirror.ts';

export interface DockerMirror {
  /** Normalised URL with a trailing slash. */
  readonly url: string;
  readonly source: ConfigSource;
}

export interface DaemonConfig {
  /** Mirrors without duplicates, in the order in which dockerd tries them. */
  readonly mirrors: readonly DockerMirror[];
  readonly insecure: InsecureRegistries;
  /** Maps a host of `insecure` to the place that lists it. */
  readonly insecureSources: ReadonlyMap<string, ConfigSource>;
  /** Value of `features.containerd-snapshotter`; null if it is not set. */
  readonly containerdStore: { readonly isOn: boolean; readonly source: ConfigSource } | null;
  readonly warnings: readonly Warning[];
}

/** Parses the text of `file`, whose name sources carry. Throws `DocumentError` if dockerd does not start with the file. */
export function parseDaemonJson(text: string, file: string): DaemonConfig {
  const settings = parseSettings(text, file);
  rejectProtocolV1(settings.get('disable-legacy-registry'));
  const insecure = strings(settings.get('insecure-registries')).map((entry) => ({
    source: entry.source,
    parsed: entry.check(() => parseInsecure(entry.string())),
  }));
  const store = settings.get('features').get('containerd-snapshotter');
  return {
    mirrors: withoutDuplicates(strings(settings.get('registry-mirrors')).map(parseMirror)),
    insecure: insecureRegistries(insecure.map(({ parsed }) => parsed)),
    insecureSources: new Map(
      insecure.flatMap(({ parsed, source }) => (parsed.kind === 'host' ? [[parsed.host, source]] : [])),
    ),
    containerdStore: store.isNull ? null : { isOn: store.boolean(), source: store.source },
    warnings: checkKeys(settings),
  };
}

/** Reads the settings. An empty file has no settings, as in dockerd. */
function parseSettings(text: string, file: string): DocumentValue {
  const options = { file, ignoreCase: false, anyScalarIsText: false };
  if (text.trim() === '') return new DocumentValue(null, options);
  const root = new DocumentValue(parseJson(text), options);
  if (root.isObject) return root;
  throw root.invalid('daemon.json must be one JSON object');
}

function strings(list: DocumentValue): readonly DocumentValue[] {
  if (!list.isNull && !list.isList) throw list.wrongType('a list of strings');
  return list.items().map((item) => {
    if (!item.isString) throw item.wrongType('a list of strings');
    return item;
  });
}

function parseMirror(entry: DocumentValue): DockerMirror {
  const url = entry.check(() => validateMirror(entry.string()));
  if (isProtocolV1(url)) throw protocolV1(entry, `mirror ${url}`);
  return { url, source: entry.source };
}

function withoutDuplicates(mirrors: readonly DockerMirror[]): readonly DockerMirror[] {
  return mirrors.filter((mirror, index) => mirrors.findIndex(({ url }) => url === mirror.url) === index);
}

/** Rejects the setting that once allowed registries of protocol version 1; dockerd does not start with it. */
function rejectProtocolV1(setting: DocumentValue): void {
  if (!setting.isNull && !setting.boolean()) throw protocolV1(setting, '"disable-legacy-registry": false');
}

function protocolV1(value: DocumentValue, what: string): DocumentError {
  return value.invalid(`${what}: registries of protocol version 1 are no longer supported; remove it`);
}

/**
 * Warns about keys that are only names of flags, which dockerd ignores. Throws `DocumentError` for any other unknown key, with
 * which dockerd does not start.
 */
function checkKeys(settings: DocumentValue): readonly Warning[] {
  // dockerd checks the names inside tables such as `proxies` instead of the table's own name.
  const tables = [...settings.entries()].filter(([name, value]) => value.isObject && !isFlatOption(name));
  const names = tables.map(([name]) => name);
  const unknown = [settings, ...tables.map(([, value]) => value)]
    .flatMap((table) => table.unknownKeys(daemonKeys))
    .filter(({ name }) => !names.includes(name));
  for (const { name, position } of unknown) {
    if (daemonFlags.includes(name)) continue;
    const near = nearest(name, daemonKeys);
    const advice = near === null ? 'remove it' : `did you mean ${near}?`;
    throw new DocumentError(
      'INVALID',
      `dockerd does not start with the key ${clean(name, 80)}; ${advice}`,
      position,
    );
  }
  return unknown.map(({ name, source }) => unknownKeyWarning(name, source, daemonKeys, 'dockerd'));
}
