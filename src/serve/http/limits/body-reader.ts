/**
 * Reader of request bodies within limits, so that slow or greedy clients cannot exhaust the memory or the
 * share of other clients. It limits each body, each peer and all bodies together, reserves memory for small
 * bodies, and has a time limit.
 */
import type { IncomingMessage } from 'node:http';
import { peerOf } from './peer.ts';

/**
 * Body, or the reason why it was not read. `too-large`: it exceeds the limit of one body; the rest is read
 * and discarded, so that the client gets its answer. `evicted`: it was the oldest unfinished body when a
 * budget was exceeded. `late`: it was not complete in time. `aborted`: the client left.
 */
export type RequestBody = Buffer | 'too-large' | 'evicted' | 'late' | 'aborted';

export interface BodyLimits {
  /** Limit of one body, in bytes. */
  readonly body: number;
  /** Size in bytes up to which a body counts as small. */
  readonly small: number;
  /** Limit of all unfinished small bodies, in bytes. Large bodies cannot use this budget. */
  readonly smallBudget: number;
  /** Limit of all unfinished large bodies, in bytes. */
  readonly largeBudget: number;
  /** Limit of the unfinished large bodies of one peer, in bytes. */
  readonly peerBudget: number;
  /** Time limit of a body from its start to its end, in milliseconds. */
  readonly timeMs: number;
}

/** Body that is not complete yet. */
interface OpenBody {
  readonly peer: string;
  readonly startedMs: number;
  size: number;
  readonly finish: (body: RequestBody) => void;
}

export class BodyReader {
  readonly #limits: BodyLimits;
  /** Unfinished bodies in the order of their start, oldest first. */
  readonly #open = new Set<OpenBody>();
  #isSweepPending = false;
  #smallBytes = 0;
  #largeBytes = 0;
  readonly #largeByPeer = new Map<string, number>();

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /**
   * Reads a body and calls `done` once. It takes a callback, because a promise would slow the hot path of
   * admission down, where most bodies are one chunk.
   */
  read(request: IncomingMessage, done: (body: RequestBody) => void): void {
    const chunks: Buffer[] = [];
    const open: OpenBody = {
      peer: peerOf(request.socket),
      startedMs: performance.now(),
      size: 0,
      finish: (body) => {
        if (!this.#open.delete(open)) return;
        this.#account(open, -open.size);
        chunks.length = 0;
        done(body);
      },
    };
    this.#open.add(open);
    if (!this.#isSweepPending) this.#sweepIn(this.#limits.timeMs);
    // The header saves reading a body that is too large. The bytes are counted as well, because the header
    // may be wrong.
    if (Number(request.headers['content-length']) > this.#limits.body) open.finish('too-large');
    request.on('data', (chunk: Buffer) => {
      if (!this.#open.has(open)) return;
      chunks.push(chunk);
      this.#account(open, chunk.length);
      if (open.size > this.#limits.body) open.finish('too-large');
      else this.#enforceBudgets(open.peer);
    });
    request.on('end', () => {
      if (this.#open.has(open)) open.finish(join(chunks));
    });
    request.on('close', () => open.finish('aborted'));
    // Node.js emits 'close' after the error. Without a listener the error would end the process.
    request.on('error', () => undefined);
  }

  #account(open: OpenBody, bytes: number): void {
    const before = open.size;
    open.size += bytes;
    this.#charge(open.peer, before, -1);
    this.#charge(open.peer, open.size, 1);
  }

  #charge(peer: string, size: number, sign: 1 | -1): void {
    if (size <= this.#limits.small) {
      this.#smallBytes += sign * size;
      return;
    }
    this.#largeBytes += sign * size;
    const bytes = (this.#largeByPeer.get(peer) ?? 0) + sign * size;
    if (bytes === 0) this.#largeByPeer.delete(peer);
    else this.#largeByPeer.set(peer, bytes);
  }

  #enforceBudgets(peer: string): void {
    const { peerBudget, largeBudget, smallBudget, small } = this.#limits;
    const isLarge = ({ size }: OpenBody) => size > small;
    while ((this.#largeByPeer.get(peer) ?? 0) > peerBudget) {
      this.#evictOldest((open) => isLarge(open) && open.peer === peer);
    }
    while (this.#largeBytes > largeBudget) {
      const largest = this.#largestPeer();
      this.#evictOldest((open) => isLarge(open) && open.peer === largest);
    }
    while (this.#smallBytes > smallBudget) this.#evictOldest((open) => !isLarge(open) && open.size > 0);
  }

  #evictOldest(matches: (open: OpenBody) => boolean): void {
    for (const open of this.#open) {
      if (matches(open)) return open.finish('evicted');
    }
    throw new Error('a budget of bodies is exceeded without a body');
  }

  #largestPeer(): string {
    let largest = { peer: '', bytes: -1 };
    for (const [peer, bytes] of this.#largeByPeer) {
      if (bytes > largest.bytes) largest = { peer, bytes };
    }
    return largest.peer;
  }

  #sweepIn(ms: number): void {
    this.#isSweepPending = true;
    setTimeout(() => this.#evictLate(), ms).unref();
  }

  #evictLate(): void {
    this.#isSweepPending = false;
    const now = performance.now();
    for (const open of this.#open) {
      const leftMs = open.startedMs + this.#limits.timeMs - now;
      if (leftMs > 0) {
        this.#sweepIn(leftMs);
        return;
      }
      open.finish('late');
    }
  }
}

function join(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
