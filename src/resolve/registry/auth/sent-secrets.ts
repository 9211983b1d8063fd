/**
 * Secrets that were sent to an endpoint, kept to remove them from everything that its servers return: some servers echo what
 * they received, and a pod's author may read the message.
 */
import { LRUCache } from 'lru-cache';
import type { Credential } from '../../credentials/credential.ts';

// Number of endpoints, and of secrets for each: pull secrets of several workloads, and the tokens obtained with them.
const maxOrigins = 1_000;
const maxSecrets = 64;
// Shorter values occur by chance, so they are removed only if they stand alone.
const minLength = 6;
// 64 KiB covers error texts and typical manifests. Larger bodies are searched for the plain forms only.
const maxDecodedLength = 64 * 1024;
const placeholder = '[redacted]';

export class SentSecrets {
  readonly #byOrigin = new LRUCache<string, LRUCache<string, readonly string[]>>({ max: maxOrigins });

  /** Records the secrets of a credential that is about to be sent to `origin` or its token server. */
  addCredential(origin: string, { username, password, identityToken, registryToken }: Credential): void {
    for (const secret of [password, identityToken, registryToken]) {
      if (secret !== undefined && secret !== '') this.#add(origin, secret, `${username}:${secret}`);
    }
  }

  /** Records an `Authorization` value that is about to be sent to `origin`. */
  addAuthorization(origin: string, value: string): void {
    const [scheme = '', secret = ''] = value.includes(' ') ? value.split(' ', 2) : ['', value];
    if (secret === '') return;
    if (scheme.toLowerCase() !== 'basic') return this.#add(origin, secret, secret);
    const pair = Buffer.from(secret, 'base64').toString();
    this.#add(origin, pair.slice(pair.indexOf(':') + 1), pair);
  }

  /** Replaces every secret in a text from a server of `origin`, and the whole text if it contains an encoded secret. */
  redact(origin: string, text: string): string {
    let redacted = text;
    for (const forms of this.#formsOf(origin)) {
      for (const form of forms) redacted = replaceAll(redacted, form);
    }
    return this.#isDisguised(origin, redacted) ? placeholder : redacted;
  }

  /** Returns true if a body from a server of `origin` contains a secret in any form. */
  isIn(origin: string, body: Uint8Array): boolean {
    const secrets = this.#formsOf(origin);
    if (secrets.length === 0) return false;
    const text = Buffer.from(body).toString();
    const plain = secrets.some((forms) =>
      forms.some((form) => form.length >= minLength && text.includes(form)),
    );
    return plain || (text.length <= maxDecodedLength && this.#isDisguised(origin, text));
  }

  #isDisguised(origin: string, text: string): boolean {
    const secrets = this.#formsOf(origin).flatMap(([secret = '']) =>
      secret.length < minLength ? [] : [secret],
    );
    if (secrets.length === 0) return false;
    const decoded = disguises(text);
    return secrets.some((secret) => {
      const wanted = secret.toLowerCase();
      const bare = stripped(wanted);
      return decoded.some(
        (each) => each.includes(wanted) || (bare.length >= minLength && stripped(each).includes(bare)),
      );
    });
  }

  #formsOf(origin: string): readonly (readonly string[])[] {
    return [...(this.#byOrigin.get(origin)?.values() ?? [])];
  }

  #add(origin: string, secret: string, pair: string): void {
    const known = this.#byOrigin.get(origin) ?? new LRUCache<string, readonly string[]>({ max: maxSecrets });
    this.#byOrigin.set(origin, known);
    if (known.get(secret) === undefined) known.set(secret, formsOf(secret, pair));
  }
}

/** Returns the secret, followed by the encodings in which servers repeat it. */
function formsOf(secret: string, pair: string): readonly string[] {
  const encodings = [secret, pair].flatMap((text) => {
    const base64 = Buffer.from(text).toString('base64').replace(/=+$/, '');
    return [base64, base64.replaceAll('+', '-').replaceAll('/', '_'), Buffer.from(text).toString('hex')];
  });
  const escaped = [encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [...new Set([secret, ...escaped, ...encodings])];
}

function replaceAll(text: string, form: string): string {
  if (form.length >= minLength) return text.replaceAll(form, placeholder);
  return text.replace(/[\p{L}\p{N}_]+/gu, (word) => (word === form ? placeholder : word));
}

/**
 * Returns variants of a text in lower case that may reveal a secret: unchanged, reversed, with escapes and character
 * references decoded, and with its base64 words decoded.
 */
function disguises(text: string): readonly string[] {
  const head = text.slice(0, maxDecodedLength);
  const unescaped = head
    .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#x([0-9a-f]{1,4});/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,5});/g, (_, code: string) => String.fromCharCode(Number(code)));
  const words = head.match(/[A-Za-z0-9+/_-]{8,}/g)?.slice(0, 64) ?? [];
  const decoded = words.flatMap((word) => [
    Buffer.from(word, 'base64').toString(),
    Buffer.from(word, 'hex').toString(),
  ]);
  const reversed = Array.from(head).toReversed().join('');
  return [head, unescaped, reversed, ...decoded].map((each) => each.toLowerCase());
}

/** Returns letters and digits only, so that separators between the characters of a secret do not hide it. */
function stripped(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '');
}
