/** The pods and pod templates in manifest files, the labels of the namespaces beside them, and everything that was not read. */
import type { WorkloadKinds } from '../../judge/workload/workload-kinds.ts';
import { templateOf, type Workload } from '../../judge/workload/workload.ts';
import { clean } from '../../util/text/text.ts';
import { type Fields, fields, isObject, text } from '../../util/unstructured.ts';
import type { ManifestFile } from './manifest-files.ts';
import { type DocumentPath, readDocuments, type SourceDocument } from './read-documents.ts';
import { holdsContainers, podSpecProblem } from './pod-shape.ts';

export interface ManifestWorkload {
  readonly source: string;
  readonly workload: Workload;
  /** Line of the value at a JSON pointer within the object. */
  readonly lineAt: (pointer: string) => number;
}

/** Something about a manifest that a person must know: an error, or a warning. */
export interface ManifestNote {
  readonly source: string;
  readonly line: number;
  readonly message: string;
}

export interface Manifests {
  readonly workloads: readonly ManifestWorkload[];
  /** Documents and objects that could not be read, and so were not judged. */
  readonly problems: readonly ManifestNote[];
  readonly warnings: readonly ManifestNote[];
  /** Kinds that hold containers and that Pratique does not know, with their number: `Rollout (argoproj.io/v1alpha1)`. */
  readonly passedOver: ReadonlyMap<string, number>;
  /** Namespace → its labels. */
  readonly namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

interface ManifestObject {
  readonly source: string;
  readonly document: SourceDocument;
  /** Where the object is within its document: empty, or inside a List. */
  readonly path: DocumentPath;
  readonly object: Fields;
}

// Lists nest in the output of some tools; a document of aliases can mean millions of objects.
const maxListDepth = 4;
const maxObjects = 100_000;

/** Reads the manifests. `kinds`: the kinds with a pod or pod template, those of `policy.templates` included. */
export function readManifests(files: readonly ManifestFile[], kinds: WorkloadKinds): Manifests {
  return new Collector(kinds).collect(files);
}

class Collector implements Manifests {
  readonly workloads: ManifestWorkload[] = [];
  readonly problems: ManifestNote[] = [];
  readonly warnings: ManifestNote[] = [];
  readonly passedOver = new Map<string, number>();
  readonly namespaceLabels = new Map<string, Readonly<Record<string, string>>>();
  readonly #kinds: WorkloadKinds;
  #objects = 0;

  constructor(kinds: WorkloadKinds) {
    this.#kinds = kinds;
  }

  collect(files: readonly ManifestFile[]): Manifests {
    for (const { source, text: content } of files) {
      if (content === null) this.#problem(source, 1, 'is not UTF-8 text');
      else this.#readFile(source, content);
    }
    return this;
  }

  #readFile(source: string, content: string): void {
    const { documents, problems, warnings } = readDocuments(content);
    this.problems.push(...problems.map((note) => ({ source, ...note })));
    this.warnings.push(...warnings.map((note) => ({ source, ...note })));
    for (const document of documents) this.#readValue(source, document, document.value, []);
  }

  #readValue(source: string, document: SourceDocument, value: unknown, path: DocumentPath): void {
    const line = document.lineAt(path);
    if (!isObject(value) || text(value['kind']) === '') {
      this.#problem(source, line, 'has no kind; not a Kubernetes object');
      return;
    }
    const { kind, items: list } = value;
    if (!text(kind).endsWith('List') || !Array.isArray(list)) {
      this.#readObject({ source, document, path, object: value });
    } else if (path.length >= 2 * maxListDepth) {
      this.#problem(source, line, `Lists are nested deeper than ${maxListDepth} levels`);
    } else {
      for (const [index, item] of list.entries()) {
        if ((this.#objects += 1) > maxObjects) {
          this.#problem(source, line, `more than ${maxObjects} objects`);
          return;
        }
        this.#readValue(source, document, item, [...path, 'items', index]);
      }
    }
  }

  #readObject({ source, document, path, object }: ManifestObject): void {
    const metadata = fields(object['metadata']);
    if (object['kind'] === 'Namespace') {
      this.namespaceLabels.set(text(metadata['name']), textMembers(metadata['labels']));
    }
    const workload = templateOf(object, undefined, this.#kinds);
    if (workload) {
      const lineAt = (pointer: string) => document.lineAt([...path, ...steps(pointer)]);
      const problem = podSpecProblem(workload.pod, workload.pointer);
      if (problem) this.#problem(source, lineAt(problem.pointer), `${title(object)}: ${problem.message}`);
      else this.workloads.push({ source, workload, lineAt });
    } else if (holdsContainers(object)) {
      const kind = clean(`${text(object['kind'])} (${text(object['apiVersion'])})`, 200);
      this.passedOver.set(kind, (this.passedOver.get(kind) ?? 0) + 1);
    }
  }

  #problem(source: string, line: number, message: string): void {
    this.problems.push({ source, line, message });
  }
}

function title(object: Fields): string {
  const { name, generateName } = fields(object['metadata']);
  return clean(`${text(object['kind'])} ${text(name) || text(generateName)}`, 200);
}

function textMembers(value: unknown): Readonly<Record<string, string>> {
  const members = Object.entries(fields(value));
  return Object.fromEntries(
    members.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function steps(pointer: string): DocumentPath {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
