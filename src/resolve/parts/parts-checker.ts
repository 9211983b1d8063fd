/** Entry point of `parts` for callers outside `resolve`: checks whether a node could pull an image completely. */
import type { Deadline } from '../../util/async/deadline.ts';
import type { Credentials } from '../credentials/credential.ts';
import type { Endpoint, MirrorList } from '../endpoints/endpoint.ts';
import { SourceSlots } from '../fetch/source-slots.ts';
import { pullSecretScope, type ResolutionDeps, scopeRule } from '../inspection/context.ts';
import { RuntimeReactions } from '../inspection/endpoint/runtime-reactions.ts';
import { AttemptLog } from '../inspection/endpoint/attempt-log.ts';
import { applyLimits, type EndpointLimits } from '../inspection/endpoint/endpoint-limits.ts';
import { EndpointClient } from '../inspection/endpoint/endpoint-query.ts';
import { withRateLimitReserve } from '../inspection/health/rate-limit-reserve.ts';
import type { FetchedManifest } from '../manifest/manifest.ts';
import type { Digest } from '../reference/digest.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import { ManifestStores } from './manifest-store.ts';
import { noProgress, type PartsProgress, type PartsReport, type WantedPlatform } from './part.ts';
import { PartsCheck, type PartsCheckOptions } from './parts-check.ts';
import { partsReport } from './parts-report.ts';

export interface PartsCheckerOptions extends ResolutionDeps {
  readonly limits: EndpointLimits;
  readonly maxManifestBytes: number;
  readonly stallMs?: PartsCheckOptions['stallMs'];
  readonly headTimeoutMs?: number;
}

export interface PartsRequest {
  readonly mirrors: MirrorList;
  readonly reference: Reference;
  readonly credentials: Credentials;
  readonly deadline: Deadline;
  /** Digest to which the image was resolved. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** URL of the endpoint that served the image. */
  readonly endpoint: string | null;
  /** Manifest of that digest and the endpoint that served it; null if the resolution did not just read it. */
  readonly root: { readonly manifest: FetchedManifest; readonly endpoint: Endpoint } | null;
  /** Platforms to check; empty for all platforms of the image. */
  readonly wanted: readonly WantedPlatform[];
  /** `exists` sends HEAD for each part; `read` reads and verifies every byte. */
  readonly mode: 'exists' | 'read';
  /** True if no caller waits, so that the last share of a registry's rate limit stays available for others. */
  readonly background: boolean;
  readonly progress?: PartsProgress;
}

export interface PartsChecker {
  /** Checks an image. Rejects only for a programming error: every failure is in the report. */
  check(request: PartsRequest): Promise<PartsReport>;
}

export function createPartsChecker(options: PartsCheckerOptions): PartsChecker {
  const stores = new ManifestStores();
  return {
    async check(request) {
      const { mirrors, reference, credentials, deadline, digest, background, root } = request;
      const { health, headTimeoutMs } = options;
      const isReserved = (endpoint: Endpoint): boolean => background && health.isLow(endpoint);
      const registry = withRateLimitReserve(options.registry, isReserved);
      const log = new AttemptLog();
      const reactions = new RuntimeReactions(mirrors.profiles);
      const client = new EndpointClient(
        { ...options, registry },
        {
          reference,
          credentials,
          purpose: background ? 'background' : 'interactive',
          callerDeadline: deadline,
          workDeadline: deadline,
          log,
          reactions,
          onSilence() {},
        },
        { pullSecretScope: pullSecretScope(mirrors.profiles), scopeRule: scopeRule(mirrors.profiles) },
      );
      const warnings = new Map<string, Warning>();
      const byDigest: Reference = { ...reference, tag: null, digest };
      const check = new PartsCheck({
        source: {
          registry,
          client,
          endpoints: applyLimits(endpointsFor(mirrors, byDigest, request.endpoint), byDigest, options.limits),
          slots: new SourceSlots(),
          deadline,
          // A warning is reported once, whatever the number of parts that cause it.
          warn: (warning) => warnings.set(`${warning.code} ${warning.message}`, warning),
          ...(headTimeoutMs === undefined ? {} : { headTimeoutMs }),
        },
        requests: () => log.list().reduce((sum, { requests }) => sum + requests, 0),
        mode: request.mode,
        wanted: request.wanted,
        profiles: mirrors.profiles,
        progress: request.progress ?? noProgress,
        manifests: stores.of(mirrors.id, `${reference.domain}/${reference.path}`, credentials.id),
        maxManifestBytes: options.maxManifestBytes,
        ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
      });
      const checked = await check.run({
        descriptor: { digest, mediaType: request.mediaType, size: request.size, urls: [] },
        manifest: root?.manifest.digest === digest ? root.manifest.manifest : null,
        endpoint: root?.endpoint ?? null,
      });
      const allWarnings = [...warnings.values(), ...reactions.warnings, ...log.warnings()];
      return partsReport(checked, digest, allWarnings, log.list());
    },
  };
}

/**
 * Returns the endpoints for the parts. Some runtimes fetch every part from the endpoint of the manifest, the others try all
 * endpoints for each part.
 */
function endpointsFor(
  mirrors: MirrorList,
  byDigest: Reference,
  servedBy: string | null,
): readonly Endpoint[] {
  const list = mirrors.endpoints(byDigest).endpoints;
  const [assumed] = mirrors.profiles;
  if (assumed?.partsFrom !== 'manifest-endpoint') return list;
  const own = list.filter(({ url }) => url === servedBy);
  return own.length > 0 ? own : list;
}
