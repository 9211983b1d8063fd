/**
 * Comparison of the digests that pods run with the digest that the tag names now, by content: several digests
 * may name one image, as for an index and its manifests. Two images are the same if their configurations are,
 * by which runtimes identify them.
 */
import type { Deadline } from '../../../util/async/deadline.ts';
import type { Credentials } from '../../../resolve/credentials/credential.ts';
import type { ImageContent, Inspection, Inspector } from '../../../resolve/inspection/inspection.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { EligiblePlatform } from '../../../judge/nodes/fit.ts';
import type { ContentRelation } from '../status/inputs.ts';

export interface CompareContentsOptions {
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly reference: Reference;
  readonly credentials: Credentials;
  readonly deadline: Deadline;
  /** Platforms of the nodes that the image's pods can be scheduled on; null if any platform is accepted. */
  readonly platforms: readonly EligiblePlatform[] | null;
}

// Limit of compared digests: a rollout has two or three in use at a time.
const maxCompared = 8;
// Limit of the manifests of one index for the platforms of the nodes.
const maxManifests = 8;

/**
 * Relates each of `digests` to `current`, the inspections of the image that the tag names now. Manifests are
 * requested by digest, once each.
 */
export async function compareContents(
  digests: Iterable<Digest>,
  current: readonly Inspection[],
  options: CompareContentsOptions,
): Promise<ReadonlyMap<Digest, ContentRelation>> {
  const named = new Set(current.map(({ digest }) => digest));
  const others = [...digests].filter((digest) => !named.has(digest)).sort();
  const relations = new Map<Digest, ContentRelation>();
  if (current.length === 0) return relations;
  for (const digest of others.slice(0, maxCompared)) {
    relations.set(digest, await relate(digest, current, options));
  }
  return relations;
}

async function relate(
  digest: Digest,
  current: readonly Inspection[],
  options: CompareContentsOptions,
): Promise<ContentRelation> {
  // The runtime reports the manifest that it selected from the index.
  if (current.some(({ contents }) => contents?.some(({ manifest }) => manifest === digest))) return 'same';
  const running = await inspectDigest(digest, options);
  const relations = await Promise.all(current.map((each) => relateImages(running, each, options)));
  if (relations.includes('same')) return 'same';
  return relations.every((each) => each === 'different') ? 'different' : 'unknown';
}

async function relateImages(
  running: Inspection,
  current: Inspection,
  options: CompareContentsOptions,
): Promise<ContentRelation> {
  const [before, now] = [selectContents(running, options), selectContents(current, options)];
  if (!before || !now) return 'unknown';
  const manifests = new Set(now.map(({ manifest }) => manifest));
  if (before.every(({ manifest }) => manifests.has(manifest))) return 'same';
  const [configsBefore, configsNow] = await Promise.all([
    readConfigs(before, options),
    readConfigs(now, options),
  ]);
  if (!configsBefore || !configsNow) return 'unknown';
  const shared = [...configsBefore].filter((config) => configsNow.has(config)).length;
  if (shared === configsBefore.size) return 'same';
  return shared === 0 ? 'different' : 'unknown';
}

/** Returns the manifests for the nodes' platforms; null if they are unknown. */
function selectContents(
  { contents }: Inspection,
  { platforms }: CompareContentsOptions,
): readonly ImageContent[] | null {
  const selected = contents?.filter(
    ({ platform }) =>
      platform === null || platforms === null || platforms.some((each) => each.accepts(platform, 'auto')),
  );
  return selected && selected.length > 0 && selected.length <= maxManifests ? selected : null;
}

async function readConfigs(
  contents: readonly ImageContent[],
  options: CompareContentsOptions,
): Promise<ReadonlySet<Digest> | null> {
  const configs = new Set<Digest>();
  for (const { manifest, config } of contents) {
    const found = config ?? (await inspectDigest(manifest, options)).contents?.[0]?.config;
    if (!found) return null;
    configs.add(found);
  }
  return configs;
}

function inspectDigest(digest: Digest, options: CompareContentsOptions): Promise<Inspection> {
  const { inspector, reference, credentials, deadline } = options;
  return inspector.inspect({
    reference: { ...reference, tag: null, digest },
    credentials,
    deadline,
    purpose: 'background',
    allEndpoints: false,
  });
}
