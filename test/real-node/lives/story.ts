/** One thing that was to be seen, and what was seen, in the same words. */
import { exceptionFor } from '../compare.ts';

export interface Story {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly seen: string;
  /** More of what was seen, where it is otherwise. */
  readonly words?: string;
}

export function isUnexplainedStory(story: Story): boolean {
  return story.seen !== story.expected && exceptionFor(story.id, null) === undefined;
}

export function reportStories(head: string, stories: readonly Story[]): readonly string[] {
  return stories.length === 0 ? [] : ['', head, ...stories.map(line)];
}

function line({ id, title, expected, seen, words = '' }: Story): string {
  const told = `${title} (${id}): ${seen}`;
  if (seen === expected) return `${told}  =`;
  const exception = exceptionFor(id, null);
  const why = exception === undefined ? '!!' : `${exception.kind}: ${exception.reason}`;
  return `${told} instead of: ${expected}  ${why}${words === '' ? '' : `\n    ${words}`}`;
}
