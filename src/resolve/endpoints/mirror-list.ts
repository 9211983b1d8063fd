/** Factory of mirror lists. A list's id covers everything that can change its endpoints. */
import { hash } from 'node:crypto';
import type { MirrorList } from './endpoint.ts';

/** Parts of a loaded configuration. */
export interface MirrorListParts extends Omit<MirrorList, 'id'> {
  /** Name of the format, which becomes part of the id: `hosts.toml`, `crio`. */
  readonly format: string;
  /** Everything that was read, including maps and sets. */
  readonly content: unknown;
}

/**
 * Returns a list with the id `format:hash`. The hash covers what the profiles do, not their versions, so that versions with
 * equal behaviour share cached inspections.
 */
export function createMirrorList({ format, content, ...list }: MirrorListParts): MirrorList {
  const behaviour = list.profiles.map(({ label: _label, ...answers }) => answers);
  const text = JSON.stringify([content, behaviour], (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
  return { ...list, id: `${format}:${hash('sha256', text, 'hex')}` };
}
