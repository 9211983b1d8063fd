/** A program that owns a format: what it is called, and how it is asked for an image. */
import type { Format } from '../case.ts';
import type { Outcome } from '../observation.ts';
import type { Recording } from '../harness.ts';

export interface Question {
  /** A folder of this case's own that holds the configuration. */
  readonly folder: string;
  readonly image: string;
  readonly recording: Recording;
  /** Time that it may spend after it has met the fault, milliseconds. */
  readonly patienceMs: number;
}

export interface Owner {
  readonly program: 'ctr' | 'skopeo';
  /** With its version, as the program itself tells it. */
  readonly name: string;
  readonly format: Format;
  /** Version of containerd, as the program itself reports it; null for other programs. */
  readonly version: string | null;
  ask(question: Question): Promise<Outcome>;
}
