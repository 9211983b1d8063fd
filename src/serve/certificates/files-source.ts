/** Mode `files`: certificate and key, and perhaps their authorities, from files, taken anew when they change. The old pair stays on a bad read. */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { certificatesIn } from './chain.ts';
import { every } from '../../util/async/every.ts';
import { CertificateHolder } from './certificate-holder.ts';
import { parseKeyPair } from './parse-key-pair.ts';
import {
  type Certificate,
  CertificateError,
  type CertificateObserver,
  type CertificateSource,
} from './source.ts';

export interface FilesOptions {
  /** Paths. */
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly observer: CertificateObserver;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly pollEveryMs?: number;
}

/** The files' texts. */
interface Texts {
  readonly cert: string;
  readonly key: string;
  /** undefined where no file was named. */
  readonly ca: string | undefined;
}

/**
 * The files are read every so often and compared: a Secret's volume changes by a swap of its `..data` symlink, which
 * leaves no event on the files themselves, and change events are lost on network file systems. Two reads of a few kB cost nothing.
 */
const pollEvery = 5_000;

export class FilesSource implements CertificateSource {
  readonly #options: FilesOptions;
  readonly #now: () => number;
  readonly #held: CertificateHolder;
  #taken: Texts | null = null;
  /** Message of the last bad read, and whether it was told. */
  #problem: { readonly message: string; told: boolean } | null = null;

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#held = new CertificateHolder(options.observer);
    this.#now = options.now ?? Date.now;
  }

  current(): Certificate {
    return this.#held.current();
  }

  onChange(listener: (certificate: Certificate) => void): void {
    this.#held.onChange(listener);
  }

  async start(signal: AbortSignal): Promise<void> {
    const texts = await this.#read();
    this.#held.take(this.#parse(texts));
    this.#taken = texts;
    void every(this.#options.pollEveryMs ?? pollEvery, signal, () => this.#poll());
  }

  async #poll(): Promise<void> {
    try {
      const texts = await this.#read();
      if (!isDeepStrictEqual(texts, this.#taken)) {
        this.#held.take(this.#parse(texts));
        this.#taken = texts;
      }
      this.#problem = null;
    } catch (error) {
      this.#refuse(error as CertificateError);
    }
  }

  /** Told once, and only if the next read is as bad: between the writing of two files a mismatch is normal. */
  #refuse(error: CertificateError): void {
    const known = this.#problem?.message === error.message ? this.#problem : null;
    this.#problem = known ?? { message: error.message, told: false };
    if (!known || known.told) return;
    known.told = true;
    this.#held.refuse(error);
  }

  async #read(): Promise<Texts> {
    // One after the other: of two that are missing, the same one is always told.
    const { cert, key, ca } = this.#options;
    const texts = { cert: await readText(cert), key: await readText(key) };
    return { ...texts, ca: ca === undefined ? undefined : await readText(ca) };
  }

  #parse({ cert, key, ca }: Texts): Certificate {
    try {
      const pair = parseKeyPair(cert, key, this.#now());
      return ca === undefined ? pair : { ...pair, ca: certificatesIn(ca).join('') };
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      const { cert: one, key: other, ca: third } = this.#options;
      const where = [one, other, ...(third === undefined ? [] : [third])].join(', ');
      throw new CertificateError(error.code, `${where}: ${error.message}`, error.cause);
    }
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CertificateError('Unreadable', `${path}: cannot be read (${code})`, error);
  }
}
