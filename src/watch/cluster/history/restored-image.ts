/** Image restored from the status of an ImageInspection, for registry outages. The caller checks its age and who may see it. */
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import { InvalidPlatform, parsePlatform } from '../../../resolve/platform/parse.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';
import type { ImageInspection } from '../../api/parse-inspection.ts';
import type { Status } from '../../api/schema.ts';
import type { CredentialSet } from '../lookups/credential-sets.ts';
import { platformWords } from '../../../resolve/inspection/outcome/message.ts';

/** An `available` inspection without its endpoint attempts. */
export interface RestoredImage
  extends Pick<
    Inspection,
    'mediaType' | 'size' | 'platforms' | 'platformsComplete' | 'endpoint' | 'message' | 'inspectedAt'
  > {
  readonly namespace: string;
  /** Normalised reference, as `canonical` writes it. */
  readonly reference: string;
  readonly kind: NonNullable<Inspection['kind']>;
  readonly digest: Digest;
  /** Credential sets that received this result; it must not be used for others. */
  readonly credentials: readonly CredentialSet[];
}

/** Returns null if the status does not describe an image. */
export function restoreImage({ namespace, status }: ImageInspection): RestoredImage | null {
  const inspectedAt = Date.parse(status?.lastSeen ?? '');
  if (!status || status.reference === undefined || Number.isNaN(inspectedAt)) return null;
  const { digest, reference, manifestKind } = status;
  if (manifestKind === undefined || digest === undefined || !isDigest(digest)) return null;
  const { platforms, isWhole } = readPlatforms(status);
  const endpoint = status.endpoint ?? null;
  return {
    namespace,
    reference,
    kind: manifestKind,
    digest,
    mediaType: status.mediaType ?? null,
    size: status.size ?? null,
    platforms,
    platformsComplete: isWhole && status.platformsComplete === true,
    endpoint,
    message: describeImage({ digest, kind: manifestKind, platforms, endpoint }),
    inspectedAt,
    credentials: status.credentials.flatMap((set) =>
      set.digest === digest
        ? [{ serviceAccount: set.serviceAccountName, pullSecrets: set.imagePullSecrets }]
        : [],
    ),
  };
}

function readPlatforms({ platforms }: Status): {
  readonly platforms: readonly Platform[];
  readonly isWhole: boolean;
} {
  const read = platforms.flatMap((specifier) => {
    const platform = readPlatform(specifier);
    return platform ? [platform] : [];
  });
  return { platforms: read, isWhole: read.length === platforms.length };
}

function readPlatform(specifier: string): Platform | null {
  try {
    return parsePlatform(specifier);
  } catch (error) {
    if (error instanceof InvalidPlatform) return null;
    throw error;
  }
}

/** Returns text such as `is sha256:… (linux/amd64, linux/arm64) at https://mirror.corp/v2` */
export function describeImage({
  digest,
  kind,
  platforms,
  endpoint,
}: Pick<Inspection, 'digest' | 'kind' | 'platforms' | 'endpoint'>): string {
  const what = platforms.length === 0 && kind === 'artifact' ? 'artifact' : platformWords(platforms);
  return `is ${digest ?? 'unknown'} (${what})${endpoint === null ? '' : ` at ${endpoint}`}`;
}
