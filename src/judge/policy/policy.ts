/** The policy as the configuration file gives it, and the words it is made of. */

/** Strictest last. */
export const modes = ['off', 'audit', 'warn', 'enforce'] as const;
export type Mode = (typeof modes)[number];

export type Answer = 'allow' | 'deny';

/** What holds for one image in one namespace. */
export interface Policy {
  readonly mode: Mode;
  /** `templates` pins pods too. */
  readonly pin: 'off' | 'pods' | 'templates';
  /** How many of the eligible nodes an image has to fit. */
  readonly platforms: 'all' | 'any' | 'off';
  /** `auto`: as the node's runtime matches. */
  readonly match: 'auto' | 'strict' | 'compat';
  readonly onDenied: Answer;
  readonly onUnavailable: Answer;
  readonly onError: Answer;
  readonly requirePinned: boolean;
}

/** Sets some keys for the images and namespaces that it matches; a list that is absent matches all. */
export interface Rule extends Partial<Policy> {
  /** Globs on the normalised name, `docker.io/library/*`. */
  readonly images?: readonly string[];
  readonly namespaces?: readonly string[];
}

export type NamespaceLabel = 'tightenOnly' | 'honour' | 'ignore';

/** The block `policy:` of the configuration file. */
export interface PolicyConfig extends Policy {
  readonly namespaceLabel: NamespaceLabel;
  readonly rules: readonly Rule[];
}
