/** What the status of an ImageInspection says of an image, for a time when no registry answers. How old it may be and who may hear it is the reader's to decide. */
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import { InvalidPlatform, parsePlatform } from '../../../resolve/platform/parse.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';
import type { ImageInspection } from '../../api/read.ts';
import type { Status } from '../../api/schema.ts';
import type { CredentialSet } from '../../controller/usage/usage.ts';
import { rememberedWords } from '../../controller/status/text/text.ts';

/** An `available` inspection without what was tried. */
export interface Restored
  extends Pick<
    Inspection,
    'mediaType' | 'size' | 'platforms' | 'platformsComplete' | 'endpoint' | 'message' | 'inspectedAt'
  > {
  readonly namespace: string;
  /** The image, normalised, as `canonical` writes it. */
  readonly reference: string;
  readonly kind: NonNullable<Inspection['kind']>;
  readonly digest: Digest;
  /** Those to whom it was told; nobody else may hear of it. */
  readonly credentials: readonly CredentialSet[];
}

/** null: it knows nothing of the image. */
export function restoredFrom({ namespace, status }: ImageInspection): Restored | null {
  const inspectedAt = Date.parse(status?.lastSeen ?? '');
  if (!status || status.reference === undefined || Number.isNaN(inspectedAt)) return null;
  const { digest, reference, manifestKind: kind } = status;
  if (kind === undefined || digest === undefined || !isDigest(digest)) return null;
  const { platforms, isWhole } = platformsIn(status);
  const endpoint = status.endpoint ?? null;
  return {
    namespace,
    reference,
    kind,
    digest,
    mediaType: status.mediaType ?? null,
    size: status.size ?? null,
    platforms,
    platformsComplete: isWhole && status.platformsComplete === true,
    endpoint,
    message: rememberedWords({ digest, kind, platforms, endpoint }),
    inspectedAt,
    credentials: status.credentials.flatMap((set) =>
      set.digest === digest
        ? [{ serviceAccount: set.serviceAccountName, pullSecrets: set.imagePullSecrets }]
        : [],
    ),
  };
}

function platformsIn({ platforms }: Status): {
  readonly platforms: readonly Platform[];
  readonly isWhole: boolean;
} {
  const read = platforms.flatMap((specifier) => {
    const platform = platformIn(specifier);
    return platform ? [platform] : [];
  });
  return { platforms: read, isWhole: read.length === platforms.length };
}

function platformIn(specifier: string): Platform | null {
  try {
    return parsePlatform(specifier);
  } catch (error) {
    if (error instanceof InvalidPlatform) return null;
    throw error;
  }
}
