/** The lives as text, beside the table. */
import { exceptionFor } from '../compare.ts';
import { type LifeResult, sameAsExpected } from './life.ts';

export function isUnexplainedLife(result: LifeResult): boolean {
  return !sameAsExpected(result) && exceptionFor(result.life.id, result.node.runtime) === undefined;
}

export function reportLives(results: readonly LifeResult[]): readonly string[] {
  if (results.length === 0) return [];
  return ['', 'What becomes of pods afterwards:', ...results.map(line)];
}

function line(result: LifeResult): string {
  const { life, node, seen } = result;
  const title = `${life.title} (${life.id})`.padEnd(112);
  const exception = exceptionFor(life.id, node.runtime);
  if (sameAsExpected(result)) return `${title} ${node.name.padEnd(9)} ${seen}  =`;
  const words = exception === undefined ? '!!' : `${exception.kind}: ${exception.reason}`;
  return `${title} ${node.name.padEnd(9)} ${seen} instead of: ${life.expected}  ${words}`;
}
