/** ImageInspections as the API server would give them: available for linux/amd64, for pods without pull secrets. */
import { type ImageInspection, readInspection } from '../../../../src/watch/api/parse-inspection.ts';
import { digestFor } from '../../judge/scripted-inspector.ts';

interface Parts {
  readonly name?: string;
  readonly namespace?: string;
  readonly status?: Readonly<Record<string, unknown>>;
}

export const seenAt = '2026-01-02T03:00:00Z';

export function inspectionObject(image: string, parts: Parts = {}): ImageInspection {
  const digest = digestFor(image);
  const inspection = readInspection({
    metadata: { name: parts.name ?? 'ii', namespace: parts.namespace ?? 'shop', uid: 'u' },
    spec: { image },
    status: {
      observedGeneration: 1,
      reference: `docker.io/library/${image}`,
      result: 'available',
      digest,
      manifestKind: 'index',
      mediaType: 'application/vnd.oci.image.index.v1+json',
      size: 1024,
      platforms: ['linux/amd64'],
      platformsComplete: true,
      endpoint: 'https://mirror.corp/v2',
      lastSeen: seenAt,
      lastInspected: seenAt,
      usedBy: { pods: 1, workloads: 1 },
      credentials: [{ serviceAccountName: 'default', imagePullSecrets: [], result: 'available', digest }],
      ...parts.status,
    },
  });
  if (!inspection?.status) throw new Error('the test needs a status that can be read');
  return inspection;
}
