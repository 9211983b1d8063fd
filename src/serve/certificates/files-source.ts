/**
 * Certificate source `files`: certificate, key and optionally the CA are read from files and reloaded when
 * they change. After an invalid read the previous pair stays in use.
 */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { certificatesIn } from './chain.ts';
import { every } from '../../util/async/every.ts';
import { HeldSource, type HeldSourceOptions } from './held-source.ts';
import { parseKeyPair } from './parse-key-pair.ts';
import { type Certificate, CertificateError } from './source.ts';

export interface FilesOptions extends HeldSourceOptions {
  /** Paths of certificate and key. */
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly pollEveryMs?: number;
}

/** Content of the files. */
interface FileContents {
  readonly cert: string;
  readonly key: string;
  /** undefined if no CA file is configured. */
  readonly ca: string | undefined;
}

/**
 * Interval at which the files are polled: the swap of a Secret volume's `..data` symlink causes no event on
 * the files, and network file systems lose events. Reading a few KiB costs next to nothing.
 */
const defaultPollIntervalMs = 5_000;

export class FilesSource extends HeldSource<FilesOptions> {
  #loaded: FileContents | null = null;
  /** Message of the last invalid read, and whether it was reported. */
  #problem: { readonly message: string; isReported: boolean } | null = null;

  async start(signal: AbortSignal): Promise<void> {
    this.#load(await this.#read());
    void every(this.options.pollEveryMs ?? defaultPollIntervalMs, signal, () => this.#poll());
  }

  async #poll(): Promise<void> {
    try {
      const contents = await this.#read();
      if (!isDeepStrictEqual(contents, this.#loaded)) this.#load(contents);
      this.#problem = null;
    } catch (error) {
      this.#rejectOnce(error as CertificateError);
    }
  }

  #load(contents: FileContents): void {
    this.replace(this.#parse(contents));
    this.#loaded = contents;
  }

  /**
   * Reports an error once, and only if the next read has the same error: a mismatch is normal while two files
   * are being written.
   */
  #rejectOnce(error: CertificateError): void {
    const known = this.#problem?.message === error.message ? this.#problem : null;
    this.#problem = known ?? { message: error.message, isReported: false };
    if (!known || known.isReported) return;
    known.isReported = true;
    this.reject(error);
  }

  async #read(): Promise<FileContents> {
    // The files are read in sequence, so that the error always names the same one if two are missing.
    const { cert, key, ca } = this.options;
    const pair = { cert: await readText(cert), key: await readText(key) };
    return { ...pair, ca: ca === undefined ? undefined : await readText(ca) };
  }

  #parse({ cert, key, ca }: FileContents): Certificate {
    try {
      const pair = parseKeyPair(cert, key, this.now());
      return ca === undefined ? pair : { ...pair, ca: certificatesIn(ca).join('') };
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      const { cert: certPath, key: keyPath, ca: caPath } = this.options;
      const paths = [certPath, keyPath, ...(caPath === undefined ? [] : [caPath])].join(', ');
      throw new CertificateError(error.code, `${paths}: ${error.message}`, error.cause);
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
