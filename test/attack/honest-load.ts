/** Honest clients: reviews sent from a timetable, whatever the answers do, and what became of each. */
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, pod } from '../kit/fakes/pods.ts';
import { type Admitted, admitted, reviewOf, send } from '../kit/pratique/admission.ts';
import type { Target } from './target.ts';

export interface HonestLoad {
  readonly ratePerSecond: number;
  readonly count: number;
  /** The object of the `index`th review. */
  readonly object: (index: number) => Json;
  /** Is this the right answer to the `index`th review? */
  readonly isRight: (answer: Admitted, index: number) => boolean;
  /** Answers after it are late, milliseconds. */
  readonly lateMs: number;
  /** Only reviews sent after this many milliseconds are judged as late. */
  readonly settleMs?: number;
}

export interface HonestResult {
  readonly answers: number;
  readonly late: number;
  readonly wrong: number;
  readonly lost: number;
  /** Latencies of the judged answers, sorted. */
  readonly latenciesMs: readonly number[];
}

/** Below the API server's default of ten seconds for a webhook, above Pratique's own deadline. */
const patienceMs = 8_000;

export async function sendHonestLoad(target: Target, load: HonestLoad): Promise<HonestResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const started = performance.now();
  const fates = await Promise.all(
    Array.from({ length: load.count }, async (_, index) => {
      await sleep((index * 1000) / load.ratePerSecond);
      const sentAfterMs = performance.now() - started;
      return { sentAfterMs, index, reply: await reply(target, load.object(index), agent) };
    }),
  );
  agent.destroy();
  const answered = fates.flatMap(({ reply: each, ...fate }) => (each ? [{ ...fate, answer: each }] : []));
  const judged = answered.filter(({ sentAfterMs }) => sentAfterMs >= (load.settleMs ?? 0));
  return {
    answers: answered.length,
    lost: fates.length - answered.length,
    wrong: answered.filter(({ answer, index }) => !load.isRight(answer, index)).length,
    late: judged.filter(({ answer }) => answer.ms > load.lateMs).length,
    latenciesMs: judged.map(({ answer }) => answer.ms).sort((a, b) => a - b),
  };
}

async function reply(target: Target, object: Json, agent: Agent): Promise<Admitted | null> {
  const sent = send(target, '/validate?timeout=10s', reviewOf(object), { agent }).catch(() => null);
  const answer = await Promise.race([sent, sleep(patienceMs, null, { ref: false })]);
  return answer?.status === 200 ? admitted(answer) : null;
}

export function podOf(...images: readonly string[]): Json {
  const built = images.reduce(
    (builder, image, index) => builder.container(image, { name: `c${index}` }),
    pod('honest'),
  );
  return built.build();
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
