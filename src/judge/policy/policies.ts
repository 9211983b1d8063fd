/** Selection of the policy for an image in a namespace. `decide.ts` applies it. */
import { matchesGlob } from '../../util/text/glob.ts';
import { entry } from '../../util/unstructured.ts';
import { type WorkloadKinds, workloadKinds } from '../workload/workload-kinds.ts';
import type { Mode, Policy, PolicyConfig } from './schema.ts';

const strictness: Readonly<Record<Mode, number>> = { off: 0, audit: 1, warn: 2, enforce: 3 };

/** Label of a namespace that sets its mode. */
export const modeLabel = 'pratique.dev/mode';

/** Part of a namespace on which the policy depends. The labels are empty if they could not be read. */
export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Mode label without effect: its value is not a mode, or `tightenOnly` ignores it because `mode` is stricter.
 */
export interface IgnoredLabel {
  readonly value: string;
  readonly problem: 'unknown' | 'weaker';
  readonly mode: Mode;
}

export interface Policies {
  /**
   * Returns the policy. `image` is the normalised name; null if there is none, which no rule with images
   * matches.
   */
  readonly policyFor: (namespace: Namespace, image: string | null) => Policy;
  /** Returns the namespace's mode label if it has no effect; null otherwise. */
  readonly ignoredLabel: (namespace: Namespace) => IgnoredLabel | null;
  /** Kinds that contain a pod template, including those of the configuration. */
  readonly kinds: WorkloadKinds;
}

export function policies({ rules, namespaceLabel, templates, ...base }: PolicyConfig): Policies {
  const cases = rules.map(({ images, namespaces, ...settings }) => ({
    rule: { images, namespaces },
    policy: { ...base, ...settings },
  }));
  const configured = ({ name }: Namespace, image: string | null): Policy =>
    cases.find(({ rule }) => covers(rule.images, image) && covers(rule.namespaces, name))?.policy ?? base;
  return {
    kinds: workloadKinds(templates),
    policyFor(namespace, image) {
      const policy = configured(namespace, image);
      const mode = labelledMode(policy.mode, namespace, namespaceLabel);
      return mode === policy.mode ? policy : { ...policy, mode };
    },
    ignoredLabel(namespace) {
      const value = entry(namespace.labels, modeLabel);
      if (value === undefined || namespaceLabel === 'ignore') return null;
      const { mode } = configured(namespace, null);
      if (!isMode(value)) return { value, problem: 'unknown', mode };
      const isIgnored = namespaceLabel === 'tightenOnly' && strictness[value] < strictness[mode];
      return isIgnored ? { value, problem: 'weaker', mode } : null;
    },
  };
}

function covers(globs: readonly string[] | undefined, name: string | null): boolean {
  return globs === undefined || (name !== null && globs.some((glob) => matchesGlob(glob, name)));
}

function labelledMode(
  mode: Mode,
  { labels }: Namespace,
  namespaceLabel: PolicyConfig['namespaceLabel'],
): Mode {
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
