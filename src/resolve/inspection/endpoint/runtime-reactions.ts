/**
 * Reactions of the nodes' runtimes to irregular responses of an endpoint. If all runtimes would leave the endpoint or give up
 * the pull, the response counts as a failure; if only some would, it is accepted with a warning.
 */
import { clean } from '../../../util/text/text.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { Reaction, RuntimeProfile } from '../../endpoints/runtime/runtime-profile.ts';
import { sourceText } from '../../endpoints/warn.ts';
import { type EndpointFailure, RegistryError } from '../../registry/error.ts';
import type { Warning } from '../../warning.ts';

/** A kind of response to which runtimes react differently. */
export type Irregularity =
  | 'UnknownMediaType'
  | 'SwappedManifestType'
  | 'SwappedIndexType'
  | 'MalformedDigestHeader'
  | 'HeadNotFound'
  | 'FailedGetAfterHead'
  | 'BrokenRedirect'
  | 'InvalidManifest'
  | 'BrokenBody'
  | 'WrongDigest'
  | 'DigestNotServed'
  | 'PartNotServed';

/** Error for a response that every runtime of the nodes refuses. */
export class RefusedByNodes extends RegistryError {
  /** True if every runtime gives up the whole pull instead of asking the next endpoint. */
  readonly isAbort: boolean;
  constructor(isAbort: boolean, code: EndpointFailure, message: string, detail: RefusalDetail) {
    super(code, message, detail);
    this.isAbort = isAbort;
  }
}

interface RefusalDetail {
  readonly reason: string | null;
  readonly status: number | null;
  readonly retryAfterMs?: number | null;
}

const abortUnlessDockerd = ({ tagResolution }: RuntimeProfile): Reaction =>
  tagResolution === 'head-then-same' ? 'next-endpoint' : 'abort';

const reactions: Readonly<Record<Irregularity, (profile: RuntimeProfile) => Reaction>> = {
  UnknownMediaType: (profile) => profile.onUnknownMediaType,
  SwappedManifestType: (profile) => profile.onSwappedManifestType,
  SwappedIndexType: (profile) => profile.onSwappedIndexType,
  MalformedDigestHeader: (profile) => profile.onMalformedDigestHeader,
  HeadNotFound: (profile) => (profile.onHeadNotFound === 'get' ? 'accept' : 'next-endpoint'),
  FailedGetAfterHead: (profile) => profile.onFailedGetAfterHead,
  BrokenRedirect: (profile) => profile.onBrokenRedirect,
  InvalidManifest: abortUnlessDockerd,
  // containerd takes the first host that answers 200, and fails if its body is incomplete or wrong.
  BrokenBody: ({ tagResolution }) => (tagResolution === 'head-then-any' ? 'abort' : 'next-endpoint'),
  // CRI-O takes the manifest of the first endpoint that answers 200, and verifies the requested digest only afterwards.
  WrongDigest: abortUnlessDockerd,
  DigestNotServed: ({ tagResolution }) => (tagResolution === 'head-then-any' ? 'abort' : 'next-endpoint'),
  PartNotServed: abortUnlessDockerd,
};

const remedies: Readonly<Record<Irregularity, string>> = {
  UnknownMediaType: "let it send the manifest's own media type as Content-Type",
  SwappedManifestType: 'let it send the media type that the manifest itself names',
  SwappedIndexType: 'let it send the media type that the index itself names',
  MalformedDigestHeader: 'let it send a valid Docker-Content-Digest',
  HeadNotFound: 'let it answer HEAD as it answers GET',
  FailedGetAfterHead: 'let it send Docker-Content-Digest and Content-Length to HEAD',
  BrokenRedirect: 'let it redirect with a Location',
  InvalidManifest: 'push the image again, or repair the proxy in front of it',
  BrokenBody: 'repair the mirror, or remove it from the nodes',
  WrongDigest: 'repair the mirror, or remove it from the nodes',
  DigestNotServed: 'let a mirror that resolves a tag also serve its digest',
  PartNotServed: 'let the endpoint that serves the manifest also serve its blobs',
};

// 16: one image causes one or two warnings at each endpoint.
const maxWarnings = 16;

export class RuntimeReactions {
  readonly #profiles: readonly RuntimeProfile[];
  readonly #warnings = new Map<string, Warning>();

  /** `profiles` is empty for a caller that is not a node, which accepts every valid manifest. */
  constructor(profiles: readonly RuntimeProfile[]) {
    this.#profiles = profiles;
  }

  get warnings(): readonly Warning[] {
    return [...this.#warnings.values()];
  }

  /** Throws `RefusedByNodes` with `message` if every runtime refuses the response; adds a warning if only some do. */
  check(irregularity: Irregularity, endpoint: Endpoint, message: string): void {
    const refusing = this.#profiles.filter((profile) => reactions[irregularity](profile) !== 'accept');
    if (refusing.length === 0) return;
    if (refusing.length < this.#profiles.length) return this.#warn(irregularity, endpoint, refusing, message);
    const isAbort = refusing.every((profile) => reactions[irregularity](profile) === 'abort');
    const text = `${message}, which ${labels(refusing)} refuses; ${remedies[irregularity]}`;
    throw new RefusedByNodes(isAbort, 'malformed', text, { reason: irregularity, status: 200 });
  }

  /** Returns the failure, marked as the end of the pull if every runtime gives up after it; adds a warning if only some do. */
  failure(irregularity: Irregularity, endpoint: Endpoint, error: RegistryError): RegistryError {
    const giveUp = this.#profiles.filter((profile) => reactions[irregularity](profile) === 'abort');
    if (giveUp.length === 0 || error instanceof RefusedByNodes) return error;
    if (giveUp.length < this.#profiles.length) {
      this.#warn(irregularity, endpoint, giveUp, error.message);
      return error;
    }
    return new RefusedByNodes(true, error.code, error.message, error);
  }

  /** Adds a warning with a code of its own. */
  warn(code: string, endpoint: Endpoint, message: string): void {
    if (this.#warnings.size >= maxWarnings) return;
    const text = `${endpoint.role} ${endpoint.url}: ${clean(message, 480)}`;
    const source = sourceText(endpoint.source);
    this.#warnings.set(`${code} ${text}`, { code, message: text, source });
  }

  #warn(
    irregularity: Irregularity,
    endpoint: Endpoint,
    profiles: readonly RuntimeProfile[],
    message: string,
  ): void {
    this.warn(
      'NodesRefuse',
      endpoint,
      `${labels(profiles)} refuses that ${message}; ${remedies[irregularity]}`,
    );
  }
}

/** Names the runtimes, each once: `containerd 2.1, CRI-O`. */
function labels(profiles: readonly RuntimeProfile[]): string {
  return [...new Set(profiles.map(({ label }) => label))].join(', ');
}
