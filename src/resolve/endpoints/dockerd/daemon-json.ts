/** What `daemon.json` says about registries. Other settings are checked by name only, because dockerd does not start with unknown ones. */
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
  /** `features.containerd-snapshotter`; null if it is not set. */
  readonly containerdStore: { readonly isOn: boolean; readonly source: ConfigSource } | null;
  readonly warnings: readonly Warning[];
}

/** `file` is named in sources. Throws `DocumentError`: dockerd does not start with such a file. */
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

/** dockerd takes an empty file for no settings. */
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

/** The setting that once allowed registries of protocol version 1; dockerd does not start with it. */
function rejectProtocolV1(setting: DocumentValue): void {
  if (!setting.isNull && !setting.boolean()) throw protocolV1(setting, '"disable-legacy-registry": false');
}

function protocolV1(value: DocumentValue, what: string): DocumentError {
  return value.invalid(`${what}: registries of protocol version 1 are no longer supported; remove it`);
}

/** A key that is only the name of a flag is ignored; with any other unknown key dockerd does not start. */
function checkKeys(settings: DocumentValue): readonly Warning[] {
  // dockerd looks into tables, such as `proxies`, and checks the names in them instead.
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
