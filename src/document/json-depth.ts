/** Check of the nesting depth of a JSON text, to be made before `JSON.parse`. It checks nothing else. */

// Kubernetes objects stay below 30 levels, and image manifests below 10.
const maxDepth = 128;
// Texts up to this size are not checked. V8's parser does not overflow, but millions of levels cost it
// seconds; a text of this size costs milliseconds.
const harmlessBytes = 64 * 1024;

const quote = 0x22;
const backslash = 0x5c;

/** Returns true if the JSON text nests deeper than any real object. */
export function isTooDeep(json: Uint8Array): boolean {
  if (json.length <= harmlessBytes) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) at = endOfString(json, at);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}
