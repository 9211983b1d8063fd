/** Waits until a process that was just started answers. A process that ends instead is an error with its last words. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from './processes.ts';

export type Probe = () => Promise<boolean>;

export interface ProbeOptions {
  /** PEM; absent: whatever certificate is shown. */
  readonly ca?: string;
  readonly token?: string;
}

const patienceMs = 120_000;
const pauseMs = 25;

export async function untilReady(process: Running, probe: Probe): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(pauseMs)) {
    // In this order: a stranger on the same port would answer, too.
    const ready = await probe();
    if (process.ended()) throw new Error(`${process.name} ended:\n${lastWords(process)}`);
    if (ready) return;
  }
  throw new Error(`${process.name} is not ready after ${patienceMs / 1000} s:\n${lastWords(process)}`);
}

/** GET is answered with 200 within a second. */
export function answers(url: string, { ca, token }: ProbeOptions = {}): Probe {
  const request = url.startsWith('https:') ? secure : plain;
  return () =>
    new Promise((resolve) => {
      const sent = request(
        url,
        {
          ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
          agent: false,
          timeout: 1_000,
        },
        (response) => {
          response.resume();
          response.once('close', () => resolve(response.statusCode === 200));
        },
      );
      sent.once('timeout', () => sent.destroy());
      sent.once('error', () => resolve(false));
      sent.end();
    });
}

function lastWords(process: Running): string {
  return process.log().trimEnd().split('\n').slice(-15).join('\n');
}
