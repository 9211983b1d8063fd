/** What the chart renders, by kind. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { render } from '../../kit/cluster/helm.ts';
import type { KubernetesObject } from '../../kit/cluster/nodes/objects.ts';
import { fields, items } from '../../../src/util/unstructured.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
export const chartFolder = `${root}charts/pratique`;
export const namespace = 'pratique-system';

export interface Manifests {
  readonly all: readonly KubernetesObject[];
  of(kind: string): readonly KubernetesObject[];
  /** The one of that kind (and name). */
  the(kind: string, name?: string): KubernetesObject;
}

/** @throws what Helm said when it refuses the values */
export async function manifests(values: object = {}): Promise<Manifests> {
  const all = await render({ namespace, values });
  const of = (kind: string) => all.filter((object) => object.kind === kind);
  return {
    all,
    of,
    the(kind, name) {
      const [found, ...others] = of(kind).filter(
        ({ metadata }) => name === undefined || metadata.name === name,
      );
      if (!found || others.length > 0) throw new Error(`${others.length + (found ? 1 : 0)} ${kind} ${name}`);
      return found;
    },
  };
}

/** Helm's last words when it refuses `values`. */
export function refusal(values: object): Promise<string> {
  return manifests(values).then(
    () => Promise.reject(new Error('Helm refuses nothing')),
    (error: { readonly stderr?: string }) => error.stderr ?? '',
  );
}

export async function helm(...args: readonly string[]): Promise<string> {
  const { stdout: path } = await run(`${root}hack/setup-helm.sh`);
  return (await run(path.trim(), args, { maxBuffer: 16 * 2 ** 20 })).stdout;
}

export interface Webhook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly matchPolicy: string;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy?: string;
  readonly admissionReviewVersions: readonly string[];
  readonly clientConfig: Readonly<Record<string, unknown>>;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly operations: readonly string[];
    readonly resources: readonly string[];
    readonly scope: string;
  }[];
  readonly namespaceSelector: { readonly matchExpressions: readonly Requirement[] };
  readonly objectSelector?: { readonly matchExpressions: readonly Requirement[] };
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
}

export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** The mutating and the validating one; hooks that only remove them left out. */
export function webhooksIn({ all }: Manifests): readonly [Webhook, Webhook] {
  const found = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind) =>
    all.filter((object) => object.kind === kind).flatMap((object) => items(object['webhooks'])),
  );
  const [mutating, validating] = found.map((webhooks) => {
    if (webhooks.length !== 1) throw new Error(`${webhooks.length} webhooks`);
    return webhooks[0] as Webhook;
  });
  if (!mutating || !validating) throw new Error('no webhooks');
  return [mutating, validating];
}

/** Pod spec of the Deployment. */
export function podSpecIn(rendered: Manifests): Readonly<Record<string, unknown>> {
  return fields(fields(fields(rendered.the('Deployment')['spec'])['template'])['spec']);
}
