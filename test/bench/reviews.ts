/** AdmissionReviews for the load: a recorded one with other uids, names, labels and image orders, and given images. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const recorded = new URL('../fixtures/reviews/pod-create-replicaset-validating.json', import.meta.url);

interface Review {
  request: {
    uid: string;
    name: string;
    object: {
      metadata: { name: string; labels: Record<string, string> };
      spec: { containers: { name: string; image: string }[] };
    };
  };
}

/** `count` reviews of pods with one container for each of `images`. */
export function reviews(count: number, images: readonly string[]): string[] {
  const text = readFileSync(recorded, 'utf8');
  return Array.from({ length: count }, (_, index) => {
    const review = JSON.parse(text) as Review;
    const { request } = review;
    const [template] = request.object.spec.containers;
    request.uid = randomUUID();
    request.name = `web-${index}`;
    request.object.metadata.name = request.name;
    request.object.metadata.labels['bench'] = String(index);
    request.object.spec.containers = images.map((_, place) => ({
      ...template,
      name: `c${place}`,
      image: images[(place + index) % images.length] ?? '',
    }));
    return JSON.stringify(review);
  });
}
