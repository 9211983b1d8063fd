/** Every place of a pod spec that names an image. */
import { InvalidReference } from '../../resolve/reference/error.ts';
import { parseReference } from '../../resolve/reference/parse.ts';
import { type Fields, fields, isObject, items, text } from '../../util/unstructured.ts';

export type UseKind = 'container' | 'init' | 'ephemeral' | 'volume';
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** One image of a pod. */
export interface ImageUse {
  /** Name of the container, or `volume:NAME`: the key of the annotation `pratique.dev/original-images`. */
  readonly container: string;
  readonly kind: UseKind;
  /** JSON pointer of the image's text within the object. */
  readonly pointer: string;
  /** As written; '' when there is none. */
  readonly image: string;
  /** As written, else what the API server would fill in. */
  readonly pullPolicy: PullPolicy;
}

/** A workload that is not judged as a whole. */
export class WorkloadError extends Error {
  override readonly name = 'WorkloadError';
  readonly code = 'TooManyImages';
}

// Far beyond any real pod; each image may cost requests, a line of the message and an operation of the patch.
const maxUses = 256;

const lists = [
  ['initContainers', 'init'],
  ['containers', 'container'],
  ['ephemeralContainers', 'ephemeral'],
] as const;

/** The images of the pod spec at `pointer`/spec. Unknown and malformed members are passed over. Throws `WorkloadError`. */
export function usesOf(spec: Fields, pointer: string): readonly ImageUse[] {
  const uses = lists.flatMap(([list, kind]) =>
    containers(items(spec[list]), kind, `${pointer}/spec/${list}`, list),
  );
  uses.push(...volumes(items(spec['volumes']), `${pointer}/spec/volumes`));
  if (uses.length > maxUses) {
    throw new WorkloadError(`${uses.length} images in one pod; Pratique judges at most ${maxUses}`);
  }
  return uses;
}

function containers(list: readonly unknown[], kind: UseKind, pointer: string, label: string): ImageUse[] {
  return list.map((item, index) => {
    const container = fields(item);
    const image = text(container['image']);
    return {
      // A name is checked only after the mutating webhooks.
      container: text(container['name']) || `${label}[${index}]`,
      kind,
      pointer: `${pointer}/${index}/image`,
      image,
      pullPolicy: effectivePolicy(container['imagePullPolicy'], image),
    };
  });
}

function volumes(list: readonly unknown[], pointer: string): ImageUse[] {
  return list.flatMap((item, index) => {
    const volume = fields(item);
    const source = volume['image'];
    if (!isObject(source)) return [];
    const image = text(source['reference']);
    return {
      container: `volume:${text(volume['name']) || index}`,
      kind: 'volume',
      pointer: `${pointer}/${index}/image/reference`,
      image,
      pullPolicy: effectivePolicy(source['pullPolicy'], image),
    };
  });
}

/** Kubernetes' `SetDefaults_Container`: `Always` for the tag `latest`, written or meant. */
function effectivePolicy(written: unknown, image: string): PullPolicy {
  if (written === 'Always' || written === 'IfNotPresent' || written === 'Never') return written;
  return tagOf(image) === 'latest' ? 'Always' : 'IfNotPresent';
}

function tagOf(image: string): string | null {
  try {
    return parseReference(image).tag;
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}
