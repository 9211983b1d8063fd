/** A mutating webhook of somebody else's, asked after Pratique's and again whenever the pod changed, in one namespace. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Operation } from '../../../kit/pratique/admission-client.ts';
import { must } from '../../../kit/cluster/kubectl.ts';
import { authority } from '../../../kit/fakes/certificates.ts';
import { type Json, pod } from '../../../kit/fakes/pods.ts';
import { untilTrue } from './until.ts';
import type { World } from './world.ts';

/** What it makes of the pod as it gets it. */
export type Change = (pod: Json) => readonly Operation[];

export async function otherWebhook(
  world: World,
  namespace: string,
  change: Change,
): Promise<AsyncDisposable> {
  const ca = await authority('somebody else');
  let calls = 0;
  const server = createServer(await ca.leaf({ names: ['127.0.0.1'] }), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls += 1;
      const review = JSON.parse(Buffer.concat(chunks).toString()) as {
        request: { uid: string; object: Json };
      };
      const patch = Buffer.from(JSON.stringify(change(review.request.object))).toString('base64');
      const { uid } = review.request;
      const answer = { uid, allowed: true, patchType: 'JSONPatch', patch };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { kubeconfig } = world.cluster;
  const name = `zz-${namespace}`;
  await must(kubeconfig, ['create', '-f', '-'], {
    stdin: JSON.stringify(configuration(name, namespace, port, ca.cert)),
  });
  const probe = pod('probe').container('nginx:1.27').build();
  await untilTrue('the other webhook is called', async () => {
    await world.create(namespace, probe, '--dry-run=server');
    return calls > 0;
  });
  return {
    async [Symbol.asyncDispose]() {
      await must(kubeconfig, ['delete', 'mutatingwebhookconfiguration', name]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function configuration(name: string, namespace: string, port: number, ca: string): Json {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'other.test.local',
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(ca).toString('base64') },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        failurePolicy: 'Fail',
        reinvocationPolicy: 'IfNeeded',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
}
