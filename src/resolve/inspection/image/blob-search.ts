/** Search for a digest among the blobs, which containerd does when no endpoint has the digest as a manifest. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { FetchedManifest } from '../../manifest/manifest.ts';
import { RegistryError } from '../../registry/error.ts';
import type { EndpointClient, EndpointQuery, QuerySuccess } from '../endpoint/endpoint-query.ts';
import { firstSuccess } from '../endpoint/fallback.ts';
import type { Attempt } from '../inspection.ts';

/**
 * Returns the content of the first endpoint that has it as a blob; null if none has, or if an endpoint failed in a way that
 * leaves open whether the manifest exists. `attempts` are those of the manifest requests.
 */
export async function findBlob(
  endpoints: readonly Endpoint[],
  attempts: readonly Attempt[],
  query: EndpointQuery<FetchedManifest>,
  client: EndpointClient,
): Promise<QuerySuccess<FetchedManifest> | null> {
  const denials = new Map(attempts.map((attempt) => [attempt.endpoint, attempt]));
  const isAbsent = attempts.every(({ result }) => result === 'not-found' || result === 'skipped');
  if (!isAbsent) return null;
  const result = await firstSuccess(
    endpoints.filter(({ url }) => denials.get(url)?.result === 'not-found'),
    async (endpoint, context) => {
      try {
        return await query(endpoint, context);
      } catch (error) {
        if (!(error instanceof RegistryError) || isPassing(error)) throw error;
        // The inspection reports the error of the manifest request.
        const { message = error.message, status = error.status } = denials.get(endpoint.url) ?? {};
        throw new RegistryError('not-found', message, { status });
      }
    },
    client,
  );
  return 'ok' in result ? result : null;
}

/** Returns true for a failure that leaves open whether the content exists. */
function isPassing({ code }: RegistryError): boolean {
  return code === 'unavailable' || code === 'rate-limited';
}
