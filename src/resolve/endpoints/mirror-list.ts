/** Makes mirror lists of loaded configurations: their identity stands for everything that can change an answer. */
import { hash } from 'node:crypto';
import type { MirrorList } from './endpoint.ts';

/** What a loaded configuration is made of. */
export interface MirrorListParts extends Omit<MirrorList, 'id'> {
  /** `hosts.toml`, `crio`; a part of the id. */
  readonly format: string;
  /** Everything that was read, maps and sets included. */
  readonly content: unknown;
}

/** The list with the id `format:hash`. Profiles count by what they answer, so that versions that behave alike share answers. */
export function createMirrorList({ format, content, ...list }: MirrorListParts): MirrorList {
  const behaviour = list.profiles.map(({ label: _label, ...answers }) => answers);
  const text = JSON.stringify([content, behaviour], (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
  return { ...list, id: `${format}:${hash('sha256', text, 'hex')}` };
}
