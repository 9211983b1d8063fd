/** reference.json: the functions of distribution/reference, composed of those that Pratique itself is made of. */
import { type Digest, InvalidDigest, isDigest } from '../../../src/resolve/reference/digest.ts';
import { InvalidReference, type InvalidReferenceCode } from '../../../src/resolve/reference/error.ts';
import { canonical, familiar, familiarName, nameOf } from '../../../src/resolve/reference/format.ts';
import { grammar } from '../../../src/resolve/reference/grammar.ts';
import { parseNormalised } from '../../../src/resolve/reference/normalise.ts';
import {
  type ReferenceParts,
  parseNamed,
  parseRepository,
} from '../../../src/resolve/reference/parse-named.ts';
import { type Case, equal, type Outcome, type Runner } from '../runner.ts';

type Input = Case & { readonly input: string };

/** An error that only upstream's function has and Pratique has no use for. */
class Refused extends Error {}

export const runner: Runner = {
  Parse: parsing((input) => shown(parseNonEmpty(input))),
  WithName: parsing((input) => shown(named(input))),
  ParseNormalizedNamed: parsing((input) => shown(parseNormalised(input))),
  ParseNamed: parsing((input) => shown(parseCanonical(input))),
  ParseAnyReference: parsing(parseAny),
  ParseDockerRef: parsing((input) => shown(withoutTagBesideDigest(tagNameOnly(parseNormalised(input))))),
  TagNameOnly: parsing((input) => shown(tagNameOnly(parseNormalised(input)))),
  WithTagDigest: (vector: Input & { steps: readonly string[] }) =>
    outcome(vector, () => ({ string: canonical(vector.steps.reduce(applied, named(vector.input))) })),
  FamiliarMatch: (vector: Input & { pattern: string }) => {
    const parts = parseNormalised(vector.input);
    const matches = [familiar(parts), familiarName(parts)].some((text) => shellMatch(text, vector.pattern));
    return equal(vector.want, matches);
  },
  DomainRegexp: matching(grammar.domain),
  IdentifierRegexp: matching(grammar.identifier),
  TagRegexp: matching(grammar.tag),
  AnchoredName: matching(grammar.name),
  ReferenceRegexp: matching(grammar.reference),
};

function parsing(compute: (input: string) => unknown): (vector: Input) => Outcome {
  return (vector) => outcome(vector, () => compute(vector.input));
}

/** Which error it is counts too: more than success or failure. */
function outcome(vector: Case, compute: () => unknown): Outcome {
  try {
    const got = compute();
    return equal(vector.error === undefined ? vector.want : { error: vector.error }, got);
  } catch (error) {
    const names = upstreamNames(error);
    if (vector.error !== undefined && names.includes(vector.error)) return { ok: true };
    return { ok: false, want: vector.want ?? { error: vector.error }, got: { error: names.join(' or ') } };
  }
}

function matching(pattern: RegExp): (vector: Input) => Outcome {
  return (vector) => {
    const match = pattern.exec(vector.input);
    const groups = match?.slice(1).map((group: string | undefined) => group ?? '');
    const withGroups = (vector.want as { groups?: unknown }).groups !== undefined;
    return equal(vector.want, { match: match !== null, ...(withGroups ? { groups } : {}) });
  };
}

function shown(parts: ReferenceParts): unknown {
  return {
    domain: parts.domain,
    path: parts.path,
    name: nameOf(parts),
    ...(parts.tag === null ? {} : { tag: parts.tag }),
    ...(parts.digest === null ? {} : { digest: parts.digest }),
    string: canonical(parts),
    familiar: familiar(parts),
    familiarName: familiarName(parts),
  };
}

/** An empty name is `parseReference`'s to refuse. */
function parseNonEmpty(input: string): ReferenceParts {
  if (input === '') throw new Refused('ErrNameEmpty');
  return parseNamed(input);
}

function named(input: string): ReferenceParts {
  return { ...parseRepository(input), tag: null, digest: null };
}

function parseCanonical(input: string): ReferenceParts {
  const parts = parseNormalised(input);
  if (canonical(parts) !== input) throw new Refused('ErrNameNotCanonical');
  return parts;
}

function parseAny(input: string): unknown {
  const digest = grammar.identifier.test(input) ? `sha256:${input}` : input;
  return isDigest(digest) ? { digest, string: digest, familiar: digest } : shown(parseNormalised(input));
}

function tagNameOnly(parts: ReferenceParts): ReferenceParts {
  return parts.tag === null && parts.digest === null ? { ...parts, tag: 'latest' } : parts;
}

function withoutTagBesideDigest(parts: ReferenceParts): ReferenceParts {
  return parts.digest === null ? parts : { ...parts, tag: null };
}

function applied(parts: ReferenceParts, step: string): ReferenceParts {
  const [what, value = ''] = step.split('=');
  if (what === 'tag') {
    if (!grammar.tag.test(value)) throw new Refused('ErrTagInvalidFormat');
    return { ...parts, tag: value };
  }
  // WithDigest checks the grammar only, not that the digest is one.
  if (!grammar.digest.test(value)) throw new Refused('ErrDigestInvalidFormat');
  return { ...parts, digest: value as Digest };
}

/** Go's path.Match: `*` stays within one path element, `**` is the same, a class takes anything it names. */
function shellMatch(text: string, pattern: string): boolean {
  const token = /\*+|\?|\[\^?(?:\\.|[^\]])+\]|\\.|[^]/gu;
  const source = pattern.replace(token, (part) => {
    if (part.startsWith('*')) return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1) return part;
    return part.replace(/[$()+.^{|}\]\\/]/u, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 'u').test(text);
}

function upstreamNames(error: unknown): readonly string[] {
  if (error instanceof Refused) return [error.message];
  if (!(error instanceof InvalidReference)) throw error;
  if (!(error.cause instanceof InvalidDigest)) return upstreamErrors[error.code];
  return [
    error.cause.code === 'Unsupported'
      ? 'digest.ErrDigestUnsupported'
      : `digest.ErrDigestInvalid${error.cause.code}`,
  ];
}

const upstreamErrors: Record<InvalidReferenceCode, readonly string[]> = {
  Empty: ['ErrNameEmpty'],
  Format: ['ErrReferenceInvalidFormat'],
  TooLong: ['ErrNameTooLong'],
  Uppercase: ['ErrNameContainsUppercase', 'MustBeLowercase'],
  Digest: [],
  ImageId: ['Identifier'],
  Reserved: [],
};
