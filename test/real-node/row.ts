/** One row of the table: an image as a registry has it, a pod that names it, and what a real node is to make of it. */
import type { Image } from '../kit/registries/images.ts';
import type { RuntimeLine } from '../kit/node/real-node.ts';
import type { VirtualHost } from '../kit/node/virtual-registries.ts';
import type { Names } from './names.ts';

/** What a node does: the container runs, or the kubelet's reason why it does not. */
export type Outcome =
  | 'Running'
  | 'PullFailed'
  | 'InvalidImageName'
  | 'ErrImageNeverPull'
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'ExecFormatError'
  | 'Exited';

export interface PodParts {
  /** Members of the pod's `spec`. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Members of its container. */
  readonly container?: Readonly<Record<string, unknown>>;
  /** Further containers. */
  readonly containers?: readonly object[];
}

/** Salted by the id of the row, every image is another: nodes keep what they have, and pull no blob twice. */
export type Fill = (host: VirtualHost, names: Names) => void;

export interface Row {
  /** A DNS label: its registries are called by it. */
  readonly id: string;
  readonly title: string;
  /** Fills the registries, by short name; `origin` is the one that the image names. */
  readonly hosts?: Readonly<Record<string, Fill>>;
  /** hosts.toml by folder of certs.d; the origin by plain HTTP when absent. */
  readonly hostsTomls?: (names: Names, runtime: RuntimeLine) => Readonly<Record<string, string>>;
  /** Files beside the origin's hosts.toml. */
  readonly files?: (names: Names) => Readonly<Record<string, string>>;
  /** `app:1` of the origin when absent. */
  readonly image?: (names: Names) => string;
  readonly pod?: (image: string, names: Names) => PodParts;
  /** Logins of pull secrets, by name of the Secret. */
  readonly pullSecrets?: Readonly<Record<string, string>>;
  /** An image that the nodes hold before: imported by `ctr`, under the name that the pod has. */
  readonly preloaded?: (salt: string) => Image;
  readonly expected: Outcome | readonly Outcome[] | Readonly<Record<RuntimeLine, Outcome>>;
  /** What the kubelet's message is to say where it fails. */
  readonly says?: RegExp;
}

/** One of these. */
export function expectedOf({ expected }: Row, runtime: RuntimeLine): readonly Outcome[] {
  if (typeof expected === 'string') return [expected];
  return isList(expected) ? expected : [expected[runtime]];
}

function isList(expected: Exclude<Row['expected'], Outcome>): expected is readonly Outcome[] {
  return Array.isArray(expected);
}
