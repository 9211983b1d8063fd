/** What Pratique says of a pod: the pod is really created where denials count, and if it is denied, again where nobody is asked, so that the node is seen too. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from '../integration/cluster/support/api.ts';

export const enforced = 'enforced';
/** Left out by the chart's values. */
export const unchecked = 'unchecked';

export interface Verdict {
  readonly decision: 'allowed' | 'denied';
  /** The result that the message names; `available` if it names none. */
  readonly result: string;
  readonly message: string;
  /** Where the pod is. */
  readonly namespace: string;
  /** Digest of the pin, '' without. */
  readonly pin: string;
}

interface StoredPod {
  readonly message?: string;
  readonly spec?: { readonly containers: readonly { readonly image: string }[] };
}

const said = /image "[^"]*" \((?<result>[a-z-]+)(?<reason>, [A-Z][A-Za-z]+)?/;
/** The check goes on in the background: the next question finds its answer. */
const isLate = /not checked before the deadline|in time|no complete answer|no answer|failed calling webhook/;
const tries = 6;
const pauseMs = 1_000;

/** Until the leader has filled the bundles of the webhooks, calls of them fail. */
export async function untilAsked(api: Api): Promise<void> {
  const probe = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'app', image: 'probe:1', imagePullPolicy: 'Never' }] },
  };
  for (let left = 60; ; left--) {
    const { isStored, message } = await create(api, probe, `${enforced}/pods?dryRun=All`);
    if (isStored) return;
    if (left === 0) throw new Error(`the webhooks are not asked: ${message}`);
    await delay(pauseMs);
  }
}

/** `pod` is asked about by dry runs until all is known, and created then. */
export async function ask(api: Api, pod: object): Promise<Verdict> {
  await answered(() => create(api, pod, `${enforced}/pods?dryRun=All`));
  const { isStored, message, image } = await answered(() => create(api, pod, `${enforced}/pods`));
  const { result = 'available', reason = '' } = said.exec(message)?.groups ?? {};
  const pin = /@(sha256:[0-9a-f]+)$/.exec(image)?.[1] ?? '';
  const verdict = { result: result + reason, message };
  if (isStored) return { ...verdict, decision: 'allowed', namespace: enforced, pin };
  if (!message.includes('denied the request')) throw new Error(`the pod cannot be stored: ${message}`);
  const again = await create(api, pod, `${unchecked}/pods`);
  if (!again.isStored) throw new Error(`the pod cannot be stored: ${again.message}`);
  return { ...verdict, decision: 'denied', namespace: unchecked, pin: '' };
}

/** The last answer, once it is no longer one of a busy machine; a stored pod stays what it is. */
async function answered(attempt: () => Promise<Created>): Promise<Created> {
  for (let left = tries; ; left--) {
    const created = await attempt();
    if (left === 0 || !isLate.test(created.message) || (created.isStored && !created.isDryRun))
      return created;
    await delay(pauseMs);
  }
}

interface Created {
  readonly isDryRun: boolean;
  readonly isStored: boolean;
  /** Warnings, or why it was not stored. */
  readonly message: string;
  /** Image of the first stored container. */
  readonly image: string;
}

async function create(api: Api, pod: object, path: string): Promise<Created> {
  const { status, body, warnings } = await api.send<StoredPod>('POST', `/api/v1/namespaces/${path}`, pod);
  const isDryRun = path.includes('dryRun');
  if (status !== 201)
    return { isDryRun, isStored: false, message: body.message ?? `status ${status}`, image: '' };
  return {
    isDryRun,
    isStored: true,
    message: warnings.join('\n'),
    image: body.spec?.containers[0]?.image ?? '',
  };
}
