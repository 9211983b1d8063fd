/** What the yardstick servers have in common. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';

/** Has the length of an answer of `/validate` that allows. */
export const constant = Buffer.from(
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true },
  }),
);

/** The port named on the command line. */
export function port(): number {
  return Number(process.argv[2]);
}

/** Certificate and key from the files named after the port. */
export function pair(): { cert: Buffer; key: Buffer } {
  const [cert = '', key = ''] = process.argv.slice(3);
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

export function bodyOf(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(Buffer.concat(chunks)));
}
