/**
 * Limit of the keys of an AdmissionReview, which is checked before JSON.parse, because the time of JSON.parse
 * depends on them.
 */

// Limit of keys: a real pod has a few hundred. 50,000 take up to 20 ms to parse, and 600,000, which 7 MiB can
// hold, more than 200 ms.
export const maxKeys = 50_000;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** Returns true if the JSON text has more than `maxKeys` keys. */
export function hasTooManyKeys(json: Uint8Array): boolean {
  // A key takes at least five bytes: two quotes, a colon, a value, and a comma.
  if (json.length < maxKeys * 5) return false;
  let keys = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === colon) keys += 1;
    else if (byte === quote) at = stringEnd(json, at);
    if (keys > maxKeys) return true;
  }
  return false;
}

function stringEnd(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

/**
 * Returns the answer to a review with too many keys. It is a denial, because the object's author caused the
 * excess, and a failed request could let the object pass. Returns null if the text does not start as the API
 * server's reviews do.
 */
export function denyTooManyKeys(json: Buffer): string | null {
  const uid = /"request"\s*:\s*\{\s*"uid"\s*:\s*"([\w.-]{1,128})"/.exec(
    json.toString('latin1', 0, 4_096),
  )?.[1];
  if (uid === undefined) return null;
  const message = `the object has more than ${maxKeys} keys, and Pratique checks objects up to that number; remove some`;
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message } },
  });
}
