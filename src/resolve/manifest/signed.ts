/** Schema 1 manifests as registries sign them: the payload, which is what their digest is of. The signatures themselves are not verified: nobody here trusts a registry's key. */
import { ManifestError } from './error.ts';
import { has, type JsonObject, objects, parseObject, quantity, text } from './json.ts';

// Registries make one; docker's trust tools could add some.
const maxSignatures = 16;

/** The bytes that a manifest's digest is of: of signed schema 1 the payload, of everything else, and of what only looks signed, the body. */
export function digestedBytes(body: Uint8Array): Uint8Array {
  try {
    const manifest = parseObject(body);
    return has(manifest, 'fsLayers') && has(manifest, 'signatures') ? payload(body, manifest) : body;
  } catch (error) {
    if (error instanceof ManifestError) return body;
    throw error;
  }
}

/** As libtrust's `ParsePrettySignature` cuts it out; signatures of different contents are an error there too. */
function payload(body: Uint8Array, manifest: JsonObject): Uint8Array {
  const [first, ...others] = objects(manifest, 'signatures', maxSignatures).map((signature) =>
    signedPart(body, signature),
  );
  if (!first || others.some((other) => first.compare(other) !== 0))
    throw new ManifestError('Malformed', 'no signatures of one content');
  return first;
}

/** A signature tells how much of the beginning is signed, and how that ended before "signatures" was written into it. */
function signedPart(body: Uint8Array, signature: JsonObject): Buffer {
  const format = parseObject(Buffer.from(text(signature, 'protected'), 'base64url'));
  const length = quantity(format, 'formatLength');
  if (length > body.byteLength) throw new ManifestError('Malformed', '"formatLength" is beyond the body');
  return Buffer.concat([body.subarray(0, length), Buffer.from(text(format, 'formatTail'), 'base64url')]);
}
