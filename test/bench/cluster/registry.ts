/** A thread: a registry with as many small images for two platforms as it is told, and a count of its requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { EmbeddedRegistry } from '../../kit/registries/embedded-registry.ts';
import { multiArch } from '../../kit/registries/images.ts';
import { imageName } from './objects.ts';

/** What it tells first. */
export interface Registry {
  readonly url: string;
  /** Keyed by the number of the image. */
  readonly digests: readonly string[];
}

const registry = new EmbeddedRegistry();
const digests = Array.from({ length: Number(workerData) }, (_, number) => {
  const { repository, tag } = imageName(number);
  const image = multiArch(['linux/amd64', 'linux/arm64'], { salt: repository });
  registry.add(repository, tag, image);
  return image.root.digest;
});
const url = await registry.start();
parentPort?.on('message', () => parentPort?.postMessage(registry.log.length));
parentPort?.postMessage({ url, digests } satisfies Registry);
