/** Images of a pod spec. It reads every field that names an image, up to a limit. */
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
  /** Image text as written; '' if there is none. */
  readonly image: string;
  /** Pull policy as written, or the API server's default. */
  readonly pullPolicy: PullPolicy;
}

/**
 * Limit of different images in one pod, far beyond real pods: each may cost requests, a line of the message
 * and an operation of the patch.
 */
export const maxImages = 256;
// Limit of fields that name an image, including equal images.
const maxUses = 4_096;

const lists = [
  ['initContainers', 'init'],
  ['containers', 'container'],
  ['ephemeralContainers', 'ephemeral'],
] as const;

export interface ImageUses {
  readonly uses: readonly ImageUse[];
  /** True if the pod names more images than the limit; `uses` has those within it. */
  readonly hasTooManyImages: boolean;
}

/** Reads the images of the pod spec at `pointer`/spec, and ignores unknown and malformed members. */
export function usesOf(spec: Fields, pointer: string): ImageUses {
  const uses: ImageUse[] = [];
  const images = new Set<string>();
  for (const use of allUses(spec, pointer)) {
    uses.push(use);
    images.add(use.image);
    if (images.size > maxImages || uses.length > maxUses) return { uses, hasTooManyImages: true };
  }
  return { uses, hasTooManyImages: false };
}

function* allUses(spec: Fields, pointer: string): Generator<ImageUse> {
  for (const [list, kind] of lists)
    yield* containers(items(spec[list]), kind, `${pointer}/spec/${list}`, list);
  yield* volumes(items(spec['volumes']), `${pointer}/spec/volumes`);
}

function* containers(
  list: readonly unknown[],
  kind: UseKind,
  pointer: string,
  label: string,
): Generator<ImageUse> {
  for (const [index, item] of list.entries()) {
    const container = fields(item);
    const image = imageText(container['image']);
    yield {
      // The API server validates names only after the mutating webhooks have run, so a name may be missing.
      container: text(container['name']) || `${label}[${index}]`,
      kind,
      pointer: `${pointer}/${index}/image`,
      image,
      pullPolicy: effectivePolicy(container['imagePullPolicy'], image),
    };
  }
}

function* volumes(list: readonly unknown[], pointer: string): Generator<ImageUse> {
  for (const [index, item] of list.entries()) {
    const volume = fields(item);
    const source = volume['image'];
    const image = isObject(source) ? imageText(source['reference']) : '';
    // Kubernetes allows templates without the image reference, and rejects such a pod itself.
    if (!isObject(source) || image === '') continue;
    yield {
      container: `volume:${text(volume['name']) || index}`,
      kind: 'volume',
      pointer: `${pointer}/${index}/image/reference`,
      image,
      pullPolicy: effectivePolicy(source['pullPolicy'], image),
    };
  }
}

/** Unquoted YAML turns `1.27` into a number. The message must show it, although the API server rejects it. */
function imageText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value);
}

/** Applies Kubernetes' `SetDefaults_Container`: `Always` for the tag `latest`, whether written or implied. */
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
