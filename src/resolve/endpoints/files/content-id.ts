/** `MirrorList.id`: a hash of everything that a loaded configuration consists of. Says nothing about where it came from. */
import { hash } from 'node:crypto';

/** `format:hex`. Maps and sets inside of `content` count with what they hold. */
export function contentId(format: string, ...content: readonly unknown[]): string {
  const text = JSON.stringify(content, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
  return `${format}:${hash('sha256', text, 'hex')}`;
}
