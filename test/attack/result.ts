/** From what honest clients saw to the row of the table, and whether it holds. */
import type { AttackResult } from './attack.ts';
import type { HonestResult } from './honest-load.ts';
import type { Target } from './target.ts';

export interface Bounds {
  readonly maxMemoryMiB?: number;
  readonly maxLoopDelayMs?: number;
}

/** The chart's memory limit is 512 MiB. */
const memoryLimitMiB = 480;

/** `more`: failures that the case found itself. */
export function resultOf(
  target: Target,
  honest: HonestResult,
  more: readonly string[] = [],
  { maxMemoryMiB = memoryLimitMiB, maxLoopDelayMs = Number.POSITIVE_INFINITY }: Bounds = {},
): AttackResult {
  const { answers, late, wrong, lost } = honest;
  const memoryMiB = target.memoryMiB();
  const loopDelayMs = target.loopDelayMs();
  const failures = [...more];
  if (answers === 0 && lost === 0) failures.push('no honest request was sent');
  if (late > 0) failures.push(`${late} answers were late`);
  if (wrong > 0) failures.push(`${wrong} answers were wrong`);
  if (lost > 0) failures.push(`${lost} requests were lost`);
  if (memoryMiB > maxMemoryMiB) failures.push(`${memoryMiB} MiB of memory, at most ${maxMemoryMiB}`);
  if (loopDelayMs > maxLoopDelayMs) failures.push(`the event loop stood still for ${loopDelayMs} ms`);
  return { answers, late, wrong, lost, memoryMiB, loopDelayMs, failures };
}
