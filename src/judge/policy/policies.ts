/** Which policy holds for an image in a namespace. Pure; what the policy leads to is in `decide.ts`. */
import { matchesGlob } from '../../util/text/glob.ts';
import { entry } from '../../util/unstructured.ts';
import type { Mode, Policy, PolicyConfig } from './schema.ts';

const strictness: Readonly<Record<Mode, number>> = { off: 0, audit: 1, warn: 2, enforce: 3 };

/** On a namespace. */
export const modeLabel = 'pratique.dev/mode';

/** A namespace as far as the policy looks at it; labels empty when they are not known. */
export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Policies {
  /** `image`: normalised name; null for what has none (it cannot be parsed, or an error): no rule with images matches it. */
  readonly policyFor: (namespace: Namespace, image: string | null) => Policy;
}

export function policies({ rules, namespaceLabel, ...base }: PolicyConfig): Policies {
  const cases = rules.map(({ images, namespaces, ...settings }) => ({
    rule: { images, namespaces },
    policy: { ...base, ...settings },
  }));
  return {
    policyFor(namespace, image) {
      const found = cases.find(
        ({ rule }) => covers(rule.images, image) && covers(rule.namespaces, namespace.name),
      );
      const policy = found?.policy ?? base;
      const mode = labelled(policy.mode, namespace, namespaceLabel);
      return mode === policy.mode ? policy : { ...policy, mode };
    },
  };
}

function covers(globs: readonly string[] | undefined, name: string | null): boolean {
  return globs === undefined || (name !== null && globs.some((glob) => matchesGlob(glob, name)));
}

function labelled(mode: Mode, { labels }: Namespace, namespaceLabel: PolicyConfig['namespaceLabel']): Mode {
  const label = entry(labels, modeLabel);
  if (!isMode(label)) return mode;
  switch (namespaceLabel) {
    case 'ignore':
      return mode;
    case 'honour':
      return label;
    case 'tightenOnly':
      return strictness[label] > strictness[mode] ? label : mode;
    default:
      return namespaceLabel satisfies never;
  }
}

function isMode(text: string | undefined): text is Mode {
  return text !== undefined && Object.hasOwn(strictness, text);
}
