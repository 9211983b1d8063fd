/** Addresses, certificates and files of a control plane before any of it runs. Not for starting it. */
import { generateKeyPairSync } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authority } from '../../fakes/certificates.ts';
import type { Addresses, Files } from './flags.ts';
import { kubeconfig } from './kubeconfig.ts';
import { freePorts } from './ports.ts';
import { answers, type Probe } from './readiness.ts';

export type Component = 'etcd' | 'apiserver' | 'controllerManager' | 'scheduler';

export const adminToken = 'admin-token';
const tokens = `${adminToken},admin,u-admin,system:masters\ndev-token,dev,u-dev,developers\n`;
const auditPolicy =
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n';

export interface Plane {
  readonly addresses: Addresses;
  readonly files: Files;
  readonly server: string;
  readonly ca: string;
  readonly kubeconfig: string;
  readonly probes: Readonly<Record<Component, Probe>>;
  api(path: string): Probe;
}

/** Into `folder`. `etcdData`: a data folder to begin with a copy of; `moreTokens`: lines of the token file for further users. */
export async function preparePlane(folder: string, etcdData?: string, moreTokens = ''): Promise<Plane> {
  const [etcdPort = 0, peerPort = 0, apiPort = 0, controllersPort = 0, schedulerPort = 0] =
    await freePorts(5);
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const ca = await authority('Pratique cluster CA');
  const serving = await ca.leaf({
    names: ['localhost', 'kubernetes.default.svc', '127.0.0.1', '10.0.0.1'],
    notAfter: new Date(Date.now() + 9 * 86_400_000),
  });
  const kubeletClient = await ca.leaf({ names: ['kube-apiserver-kubelet-client'], usage: 'client' });
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const server = `https://127.0.0.1:${apiPort}`;
  const config = kubeconfig(server, ca.cert, [
    { name: 'admin', token: adminToken },
    { name: 'dev', token: 'dev-token' },
  ]);
  if (etcdData !== undefined) await cp(etcdData, join(folder, 'etcd'), { recursive: true });
  const files: Files = {
    etcdData: join(folder, 'etcd'),
    caCertificate: await write('ca.crt', ca.cert),
    servingCertificate: await write('apiserver.crt', serving.cert),
    servingKey: await write('apiserver.key', serving.key),
    kubeletClientCertificate: await write('kubelet-client.crt', kubeletClient.cert),
    kubeletClientKey: await write('kubelet-client.key', kubeletClient.key),
    tokens: await write('tokens.csv', tokens + moreTokens),
    serviceAccountKey: await write('service-accounts.key', serviceAccounts.privateKey),
    serviceAccountPublicKey: await write('service-accounts.pub', serviceAccounts.publicKey),
    kubeconfig: await write('kubeconfig', config),
    auditPolicy: await write('audit-policy.yaml', auditPolicy),
    auditLog: join(folder, 'audit.log'),
  };
  const api = (path: string) => answers(`${server}${path}`, { ca: ca.cert, token: adminToken });
  return {
    addresses: { etcdPort, peerPort, apiPort, controllersPort, schedulerPort },
    files,
    server,
    ca: ca.cert,
    kubeconfig: files.kubeconfig,
    probes: {
      etcd: answers(`http://127.0.0.1:${etcdPort}/health`),
      apiserver: api('/readyz'),
      controllerManager: answers(`https://127.0.0.1:${controllersPort}/healthz`),
      scheduler: answers(`https://127.0.0.1:${schedulerPort}/healthz`),
    },
    api,
  };
}
