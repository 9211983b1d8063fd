import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { expect, test } from '@jest/globals';
import { issueAuthority, issueLeaf } from '../../../../src/serve/certificates/authority/issue.ts';
import type { Certificate, CertificateSource } from '../../../../src/serve/certificates/source.ts';
import { listening, rawSocket } from './listening.ts';

const request = 'POST /mutate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}';

async function ask(socket: TLSSocket): Promise<string> {
  socket.write(request);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString().split('\r\n', 1)[0] ?? '';
}

const serial = (socket: TLSSocket) => socket.getPeerX509Certificate()?.serialNumber;

test('a new certificate is served to new connections, and open ones go on', async () => {
  const authority = await issueAuthority(Date.now());
  const [first, second] = [
    await issueLeaf(authority, ['127.0.0.1'], Date.now()),
    await issueLeaf(authority, ['127.0.0.1'], Date.now()),
  ];
  let change: (certificate: Certificate) => void = () => {};
  const certificates: CertificateSource = {
    current: () => first,
    onChange: (listener) => {
      change = listener;
    },
    start: async () => {},
  };
  const at = await listening({ certificates });
  const before = await rawSocket(at);
  expect(await ask(before)).toBe('HTTP/1.1 200 OK');
  change(second);
  const after = await rawSocket(at);
  expect(serial(before)).toBe(new X509Certificate(first.cert).serialNumber);
  expect(serial(after)).toBe(new X509Certificate(second.cert).serialNumber);
  expect(await ask(after)).toBe('HTTP/1.1 200 OK');
  expect(await ask(before)).toBe('HTTP/1.1 200 OK');
  expect(after.getProtocol()).toBe('TLSv1.3');
  before.destroy();
  after.destroy();
  await at.listener.stop();
});
