/** What a real node made of a pod, from its status, and the program's own words where it ended. */
import type { Api } from '../integration/cluster/support/api.ts';
import type { Outcome } from './row.ts';

export interface Observation {
  readonly outcome: Outcome;
  /** The kubelet's, or the program's last words. */
  readonly message: string;
  readonly imageId: string;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode: number };
}

interface ContainerStatus {
  readonly name: string;
  readonly imageID: string;
  readonly ready: boolean;
  readonly state?: ContainerState;
}

export interface ObservedPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Kubelet's reasons to wait, and what they come to. */
const reasons: Readonly<Record<string, Outcome>> = {
  ErrImagePull: 'PullFailed',
  ImagePullBackOff: 'PullFailed',
  InvalidImageName: 'InvalidImageName',
  ErrImageNeverPull: 'ErrImageNeverPull',
  CreateContainerConfigError: 'CreateContainerConfigError',
  CreateContainerError: 'CreateContainerError',
  RunContainerError: 'RunContainerError',
};

/** A program that cannot run ends within this time. */
const settledMs = 3_000;

/** null while it is not decided. */
export async function observe(api: Api, pod: ObservedPod, nowMs: number): Promise<Observation | null> {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  const statuses = [...initContainerStatuses, ...containerStatuses];
  const imageId = containerStatuses[0]?.imageID ?? '';
  for (const { name, state } of statuses) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    const outcome = reasons[reason];
    // What was wrong stands with the first failure; the back-off only says that there was one.
    if (outcome !== undefined) return { outcome, message: message || (await lastEvent(api, pod)), imageId };
    if (state?.terminated) return ended(api, pod, name, state.terminated, imageId);
  }
  const isSettled = ({ ready, state }: ContainerStatus) =>
    ready && state?.running !== undefined && nowMs - Date.parse(state.running.startedAt) > settledMs;
  const isRunning = containerStatuses.length > 0 && containerStatuses.every(isSettled);
  return isRunning ? { outcome: 'Running', message: '', imageId } : null;
}

async function ended(
  api: Api,
  pod: ObservedPod,
  container: string,
  { reason = '', message = '', exitCode }: NonNullable<ContainerState['terminated']>,
  imageId: string,
): Promise<Observation> {
  const words = `${message} ${await logOf(api, pod, container)}`.trim();
  if (words.includes('exec format error')) return { outcome: 'ExecFormatError', message: words, imageId };
  // runc could not start it: restarted, it would wait with this reason.
  if (reason === 'StartError') return { outcome: 'RunContainerError', message: words, imageId };
  return { outcome: 'Exited', message: `${reason} ${exitCode}: ${words}`, imageId };
}

async function logOf(api: Api, { metadata }: ObservedPod, container: string): Promise<string> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log?container=${container}`;
  return api.text(path);
}

interface Events {
  readonly items?: readonly { readonly type: string; readonly message: string }[];
}

async function lastEvent(api: Api, { metadata }: ObservedPod): Promise<string> {
  const selector = encodeURIComponent(`involvedObject.name=${metadata.name},type=Warning`);
  const { body } = await api.send<Events>(
    'GET',
    `/api/v1/namespaces/${metadata.namespace}/events?fieldSelector=${selector}`,
  );
  return body.items?.map(({ message }) => message).join('; ') ?? '';
}
