/**
 * Extraction of the payload of signed schema 1 manifests, which their digest covers. It does not verify the signatures,
 * because registries sign with keys that no runtime trusts.
 */
import { ManifestError } from './error.ts';
import { has, type JsonObject, objects, parseObject, quantity, stringMember } from './json.ts';

// 16: registries create one signature, and docker's trust tools may add some.
const maxSignatures = 16;

/** Returns the bytes that a manifest's digest covers: the payload of signed schema 1, else the body. */
export function digestedBytes(body: Uint8Array): Uint8Array {
  try {
    const manifest = parseObject(body);
    return has(manifest, 'fsLayers') && has(manifest, 'signatures') ? payload(body, manifest) : body;
  } catch (error) {
    if (error instanceof ManifestError) return body;
    throw error;
  }
}

/** Extracts the payload as libtrust's `ParsePrettySignature` does. Signatures over different payloads are an error in both. */
function payload(body: Uint8Array, manifest: JsonObject): Uint8Array {
  const [first, ...others] = objects(manifest, 'signatures', maxSignatures).map((signature) =>
    signedPart(body, signature),
  );
  if (!first || others.some((other) => first.compare(other) !== 0))
    throw new ManifestError('Malformed', 'the signatures cover different payloads');
  return first;
}

/**
 * Returns the signed part. A signature contains the length of its beginning, and the tail that followed before "signatures"
 * was inserted.
 */
function signedPart(body: Uint8Array, signature: JsonObject): Buffer {
  const format = parseObject(Buffer.from(stringMember(signature, 'protected'), 'base64url'));
  const length = quantity(format, 'formatLength');
  if (length > body.byteLength) throw new ManifestError('Malformed', '"formatLength" is beyond the body');
  return Buffer.concat([
    body.subarray(0, length),
    Buffer.from(stringMember(format, 'formatTail'), 'base64url'),
  ]);
}
