/** Texts and URLs of every kind for property tests. fast-check's own `binary` unit and `webUrl` take seconds to begin with. */
import * as fc from 'fast-check';

const ascii = fc.nat({ max: 0x7f });
const any = fc.nat({ max: 0x10ffff });

/** One code point, half of them ASCII; a lone surrogate now and then. */
const codePoint = fc.oneof(ascii, any).map((code) => String.fromCodePoint(code));

export function anyText(constraints: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: codePoint, ...constraints });
}

const scheme = fc.constantFrom('http', 'https');
const path = fc.array(fc.stringMatching(/^(?:[\w.~-]|%[2-7][0-9A-F]){1,8}$/), { maxLength: 4 });

export function anyUrl(): fc.Arbitrary<string> {
  const authority = fc.webAuthority({ withPort: true, withIPv4: true, withIPv6: true });
  return fc
    .tuple(scheme, authority, path, fc.constantFrom('', '/'))
    .map(([of, at, steps, end]) => `${of}://${[at, ...steps].join('/')}${end}`);
}
