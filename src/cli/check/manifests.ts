/** Manifest files → the pods and pod templates in them, and the labels of the namespaces that stand beside them. */
import { parseAllDocuments } from 'yaml';
import { WorkloadError } from '../../judge/workload/image-use.ts';
import { fields, items, text } from '../../util/unstructured.ts';
import { templateOf, type Workload } from '../../judge/workload/workload.ts';
import { clean } from '../../util/text/text.ts';
import { UsageError } from '../io.ts';

/** A text to read manifests from, and what to call it. */
export interface ManifestFile {
  readonly source: string;
  readonly text: string;
}

export interface ManifestDocument {
  readonly source: string;
  readonly workload: Workload;
}

export interface Manifests {
  readonly workloads: readonly ManifestDocument[];
  /** Namespace → its labels. */
  readonly namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

// A List holds objects, and some tools put Lists into Lists; deeper is somebody's joke.
const maxDepth = 4;

/** Throws `UsageError` with file, line and column for what is no manifest. */
export function readManifests(files: readonly ManifestFile[]): Manifests {
  const objects = files.flatMap((file) => documents(file).map((object) => ({ source: file.source, object })));
  const namespaces = objects.map(({ object }) => fields(object)).filter(({ kind }) => kind === 'Namespace');
  return {
    workloads: objects.flatMap(({ source, object }) => workloadOf(source, object)),
    namespaceLabels: new Map(namespaces.map((namespace) => namedLabels(fields(namespace['metadata'])))),
  };
}

function documents({ source, text: content }: ManifestFile): unknown[] {
  // JSON is YAML; a stream of several documents is what `kustomize build` and `helm template` print.
  const parsed = parseAllDocuments(content);
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((document, index) => {
    const [error] = document.errors;
    if (error) throw new UsageError(`${clean(source)}: ${clean(error.message.split('\n\n')[0] ?? '', 300)}`);
    const object: unknown = toObject(document, source);
    if (object === null || object === undefined) return [];
    if (typeof fields(object)['kind'] !== 'string') {
      throw new UsageError(`${clean(source)}: document ${index + 1} has no kind: not a Kubernetes manifest`);
    }
    return flattened(object, 0);
  });
}

/** Bounds the aliases: a few lines of YAML can mean gigabytes. */
function toObject(document: { toJS(options: { maxAliasCount: number }): unknown }, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new UsageError(`${clean(source)}: ${clean(String(error))}`, { cause: error });
  }
}

function flattened(object: unknown, depth: number): unknown[] {
  const { kind, items: list } = fields(object);
  if (!text(kind).endsWith('List') || !Array.isArray(list) || depth >= maxDepth) return [object];
  return items(list).flatMap((item) => flattened(item, depth + 1));
}

function workloadOf(source: string, object: unknown): ManifestDocument[] {
  try {
    const workload = templateOf(object);
    return workload ? [{ source, workload }] : [];
  } catch (error) {
    if (error instanceof WorkloadError)
      throw new UsageError(`${clean(source)}: ${error.message}`, { cause: error });
    throw error;
  }
}

function namedLabels(metadata: Readonly<Record<string, unknown>>): [string, Record<string, string>] {
  const labels = Object.entries(fields(metadata['labels'])).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return [text(metadata['name']), Object.fromEntries(labels)];
}
