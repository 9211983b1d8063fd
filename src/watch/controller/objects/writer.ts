/** Writer of ImageInspections: creation, status, deletion. A status is written only to the version it was made for. */
import { buildInspection, buildStatusUpdate } from '../../api/apply.ts';
import { type ImageInspection, readInspection } from '../../api/parse-inspection.ts';
import { limits } from '../../api/fields.ts';
import type { Status } from '../../api/schema.ts';
import type { Fields } from '../../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from '../../kubernetes/api.ts';
import { applyStatus, createObject, deleteObject } from '../../kubernetes/writes.ts';
import { imageInspections } from '../../kubernetes/resource.ts';

export class InspectionWriter {
  readonly #api: KubernetesApi;

  constructor(api: KubernetesApi) {
    this.#api = api;
  }

  /** Throws `KubernetesError` (`AlreadyExists`) if a user created an object of that name, which is left unchanged. */
  async create(
    namespace: string,
    name: string,
    image: string,
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const object = buildInspection(namespace, name, printable(image));
    return parseStored(await createObject(this.#api, imageInspections, object, signal));
  }

  /** Throws `KubernetesError` (`Conflict`) if the object has changed. */
  async writeStatus(object: ImageInspection, status: Status, signal: AbortSignal): Promise<ImageInspection> {
    return parseStored(
      await applyStatus(this.#api, imageInspections, buildStatusUpdate(object, status), signal),
    );
  }

  /** Succeeds if the object is gone already. */
  async remove(
    { namespace, name, uid, resourceVersion }: ImageInspection,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await deleteObject(this.#api, imageInspections, { namespace, name }, { uid, resourceVersion }, signal);
    } catch (error) {
      if (!(error instanceof KubernetesError && error.code === 'NotFound')) throw error;
    }
  }
}

/** Replaces characters that the object's schema rejects: an invalid image may be any text. */
export function printable(image: string): string {
  return image.slice(0, limits.image).replace(/[^!-~]/g, '?');
}

function parseStored(object: Fields): ImageInspection {
  const inspection = readInspection(object);
  if (!inspection) throw new KubernetesError('Malformed', 'the API server did not return an ImageInspection');
  return inspection;
}
