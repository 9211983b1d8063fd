/** Writes ImageInspections: creation, status, removal. A status is written only onto the version of the object that it was made for. */
import { buildInspection, buildStatusUpdate } from '../../api/apply.ts';
import { type ImageInspection, readInspection } from '../../api/read.ts';
import { limits } from '../../api/fields.ts';
import type { Status } from '../../api/schema.ts';
import type { Fields } from '../../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from '../../kubernetes/api.ts';
import { applyStatus, createObject, deleteObject } from '../../kubernetes/writes.ts';
import { imageInspections } from '../../kubernetes/resource.ts';

export class Writer {
  readonly #api: KubernetesApi;

  constructor(api: KubernetesApi) {
    this.#api = api;
  }

  /** Throws `KubernetesError` (`AlreadyExists`) when somebody has made one of that name: what is a person's stays a person's. */
  async create(
    namespace: string,
    name: string,
    image: string,
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const object = buildInspection(namespace, name, writable(image));
    return read(await createObject(this.#api, imageInspections, object, signal));
  }

  /** Throws `KubernetesError` (`Conflict`) when the object is no longer what it was. */
  async writeStatus(object: ImageInspection, status: Status, signal: AbortSignal): Promise<ImageInspection> {
    return read(await applyStatus(this.#api, imageInspections, buildStatusUpdate(object, status), signal));
  }

  /** Also when it is gone already. */
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

/** What is no image may be any text; the object takes printable ASCII only. */
export function writable(image: string): string {
  return image.slice(0, limits.image).replace(/[^!-~]/g, '?');
}

function read(object: Fields): ImageInspection {
  const inspection = readInspection(object);
  if (!inspection) throw new KubernetesError('Malformed', 'the API server answered with no ImageInspection');
  return inspection;
}
