/** An inspector with prepared answers, for judgements only; what real registries say is tested elsewhere. */
import type { Inspection, Inspector, InspectRequest } from '../../../src/resolve/inspection/inspection.ts';
import { parsePlatform } from '../../../src/resolve/platform/parse.ts';
import { type Digest, digestOf } from '../../../src/resolve/reference/digest.ts';
import { canonical } from '../../../src/resolve/reference/format.ts';
import { parseReference } from '../../../src/resolve/reference/parse.ts';

export type Script = Readonly<Record<string, Partial<Inspection>>>;

/** The digest that the scripted registry gives `name:tag`. */
export function digestFor(image: string): Digest {
  return digestOf('sha256', Buffer.from(canonical(parseReference(image))));
}

export function platforms(...specifiers: readonly string[]): Pick<Inspection, 'platforms'> {
  return { platforms: specifiers.map((specifier) => parsePlatform(specifier)) };
}

/** `image` as found, for linux/amd64 and linux/arm64, with `changes`. */
export function inspectionOf(image: string, changes: Partial<Inspection> = {}): Inspection {
  const reference = parseReference(image);
  const ok = (changes.result ?? 'available') === 'available';
  return {
    reference,
    result: 'available',
    reason: null,
    kind: ok ? 'index' : null,
    digest: ok ? (reference.digest ?? digestFor(image)) : null,
    mediaType: ok ? 'application/vnd.oci.image.index.v1+json' : null,
    size: ok ? 1024 : null,
    ...(ok ? platforms('linux/amd64', 'linux/arm64') : { platforms: [] }),
    platformsComplete: ok,
    rawPlatforms: [],
    endpoint: ok ? 'https://mirror.corp/v2' : null,
    stale: false,
    message: ok ? 'found' : `${canonical(reference)} was scripted as ${changes.result}`,
    warnings: [],
    attempts: [],
    inspectedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...changes,
  };
}

/** Answers from `script`, by the image as `canonical` writes it; whatever is not in it is available. */
export class ScriptedInspector implements Inspector {
  readonly asked: string[] = [];
  /** `peek` answers, as from a cache. */
  warm = false;
  /** `inspect` never answers. */
  silent = false;
  private readonly script: ReadonlyMap<string, Partial<Inspection>>;

  constructor(script: Script = {}) {
    const entries = Object.entries(script);
    this.script = new Map(entries.map(([image, changes]) => [canonical(parseReference(image)), changes]));
  }

  peek(reference: InspectRequest['reference']): Inspection | null {
    return this.warm ? this.answer(canonical(reference)) : null;
  }

  async inspect({ reference }: InspectRequest): Promise<Inspection> {
    this.asked.push(canonical(reference));
    if (this.silent) return new Promise<never>(() => {});
    return this.answer(canonical(reference));
  }

  private answer(image: string): Inspection {
    return inspectionOf(image, this.script.get(image));
  }
}
