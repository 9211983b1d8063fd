/** The images of one node as containerd keeps them and the kubelet reports them: by configuration, under all names that it was pulled by. */

/** What a pull brought. */
export interface Pulled {
  /** Digest of the manifest or index that the name refers to. */
  readonly digest: string;
  /** Digest of the image configuration for this node: equal digests mean the same image. */
  readonly configuration: string;
}

/** An entry of a Node's `status.images`. */
export interface ReportedImage {
  readonly names: readonly string[];
  readonly sizeBytes: number;
}

/** `nodeStatusMaxImages`, and names of each: what the kubelet tells at most. */
const maxReported = 50;
const maxNames = 5;

export class NodeImages {
  readonly #names = new Map<string, { readonly tags: Set<string>; readonly digests: Set<string> }>();

  /** A name with a digest leaves no tag behind: `name:tag@digest` is held as `name@digest` only. */
  pull(image: string, { digest, configuration }: Pulled): void {
    const { name, tag } = parts(image);
    const held = this.#names.get(configuration) ?? { tags: new Set(), digests: new Set() };
    this.#names.set(configuration, held);
    held.digests.add(`${name}@${digest}`);
    if (tag === null) return;
    // A tag is one image's at a time.
    for (const { tags } of this.#names.values()) tags.delete(`${name}:${tag}`);
    held.tags.add(`${name}:${tag}`);
  }

  /** `imageID` of a container: the first, sorted, of the digests that the node holds now, of any name. */
  imageId(configuration: string): string {
    return this.#digests(configuration)[0] ?? configuration;
  }

  /** `image` of a container's status: the first tag, else the configuration. */
  imageName(configuration: string): string {
    return this.#tags(configuration)[0] ?? configuration;
  }

  /** `status.images`: digests, then tags. */
  report(): readonly ReportedImage[] {
    return [...this.#names.keys()].slice(0, maxReported).map((configuration) => ({
      names: [...this.#digests(configuration), ...this.#tags(configuration)].slice(0, maxNames),
      sizeBytes: 1_000_000,
    }));
  }

  #digests(configuration: string): readonly string[] {
    return [...(this.#names.get(configuration)?.digests ?? [])].sort();
  }

  #tags(configuration: string): readonly string[] {
    return [...(this.#names.get(configuration)?.tags ?? [])].sort();
  }
}

/** Normalized as containerd does it: domain and `library/` written out, `latest` where neither tag nor digest is. */
function parts(image: string): { readonly name: string; readonly tag: string | null } {
  const [, written = '', tag, digest] = /^([^@]+?)(?::([^/:@]+))?(?:@(.+))?$/.exec(image) ?? [];
  const [first = '', ...rest] = written.split('/');
  const isDomain = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = isDomain ? written : `docker.io/${rest.length > 0 ? written : `library/${written}`}`;
  return { name: path, tag: digest === undefined ? (tag ?? 'latest') : null };
}

/** A pull of what `image` is pinned to, each digest an image of its own; null without a pin. */
export function pinned(image: string): Pulled | null {
  const digest = /@(sha256:.*)$/.exec(image)?.[1];
  return digest === undefined ? null : { digest, configuration: digest };
}
