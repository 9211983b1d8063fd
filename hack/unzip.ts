/** `node hack/unzip.ts ARCHIVE FOLDER`: unpacks a zip archive that we chose; machines without `unzip` have Node. No encryption, no archives above 4 GiB. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const [archive, folder] = process.argv.slice(2);
if (archive === undefined || folder === undefined) throw new Error('usage: unzip.ts ARCHIVE FOLDER');
const bytes = readFileSync(archive);

// The directory stands at the end; before it, local headers say nothing that it does not say.
const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
if (end < 0) throw new Error(`${archive} is not a zip archive`);
let at = bytes.readUInt32LE(end + 16);
for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
  const method = bytes.readUInt16LE(at + 10);
  const length = bytes.readUInt32LE(at + 20);
  const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
  const mode = (bytes.readUInt32LE(at + 38) >>> 16) & 0o777;
  const local = bytes.readUInt32LE(at + 42);
  write(
    bytes.toString('utf8', at + 46, at + 46 + (name ?? 0)),
    contents(local, length, method),
    mode || 0o644,
  );
  at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
}

function contents(local: number, length: number, method: number): Buffer {
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const packed = bytes.subarray(start, start + length);
  if (method === 0) return packed;
  if (method === 8) return inflateRawSync(packed);
  throw new Error(`${archive}: compressed by method ${method}, which is not known here`);
}

function write(name: string, content: Buffer, mode: number): void {
  const path = normalize(name);
  if (path.startsWith('..') || path.startsWith('/')) throw new Error(`${archive}: ${name} leads outside`);
  if (name.endsWith('/')) return;
  const target = join(folder ?? '', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content, { mode });
}
