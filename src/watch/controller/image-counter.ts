/** Counts the images in use by the results that their objects show, change by change. */
import type { ImageInspection } from '../api/read.ts';
import { isDrifted } from '../api/status.ts';
import type { Change } from '../kubernetes/store.ts';
import type { ImageCounts } from './observer.ts';

export class ImageCounter implements ImageCounts {
  readonly #results = new Map<string, number>();
  #drifted = 0;

  get results(): ReadonlyMap<string, number> {
    return this.#results;
  }

  get drifted(): number {
    return this.#drifted;
  }

  apply({ before, after }: Pick<Change<ImageInspection>, 'before' | 'after'>): void {
    if (before) this.#add(before, -1);
    if (after) this.#add(after, 1);
  }

  #add({ status }: ImageInspection, by: 1 | -1): void {
    // An object that is kept for its pins, or that a person made to ask, is of no image in use.
    if (!status || status.usedBy.pods + status.usedBy.workloads === 0) return;
    this.#results.set(status.result, (this.#results.get(status.result) ?? 0) + by);
    if (isDrifted(status)) this.#drifted += by;
  }
}
