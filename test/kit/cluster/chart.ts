/** What the installation has to know of the chart's manifests, and the few changes by which processes of this machine stand in for its pods. */
import { parse } from 'yaml';
import type { KubernetesObject } from './nodes/objects.ts';

export interface Chart {
  readonly objects: readonly KubernetesObject[];
  readonly serviceAccount: string;
  /** The Service that the webhook configurations name. */
  readonly service: string;
  /** The configuration file, parsed. */
  readonly configuration: object;
  /** The container's environment, as the pod `name` would have it. */
  environment(pod: { readonly name: string; readonly namespace: string }): Readonly<Record<string, string>>;
}

interface Container {
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] };
    };
  };
}

interface WebhookConfiguration {
  readonly webhooks: readonly {
    readonly clientConfig: { readonly service: { readonly name: string; readonly port?: number } };
  }[];
}

export function chartOf(rendered: readonly KubernetesObject[]): Chart {
  const objects = rendered.filter(({ metadata }) =>
    isInstalled(metadata.annotations?.['helm.sh/hook'] ?? 'install'),
  );
  const deployment = one(objects, 'Deployment') as unknown as Deployment;
  const webhooks = one(objects, 'ValidatingWebhookConfiguration') as unknown as WebhookConfiguration;
  const { serviceAccountName, containers } = deployment.spec.template.spec;
  return {
    objects,
    serviceAccount: serviceAccountName,
    service: webhooks.webhooks[0]?.clientConfig.service.name ?? '',
    configuration: configurationIn(objects),
    environment: (pod) => environment(containers[0]?.env ?? [], pod),
  };
}

/** Not what hooks do when a release goes. */
function isInstalled(hooks: string): boolean {
  return hooks.split(',').some((hook) => hook.trim().endsWith('install'));
}

/** One of `kind`; more would be a chart that the tools here do not know. */
function one(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const [first, ...others] = objects.filter((object) => object.kind === kind);
  if (!first || others.length > 0)
    throw new Error(`the chart renders ${others.length + (first ? 1 : 0)} ${kind}`);
  return first;
}

function configurationIn(objects: readonly KubernetesObject[]): object {
  const texts = objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap(({ data }) => Object.values((data ?? {}) as Readonly<Record<string, string>>));
  const found = texts
    .filter((text) => text.includes('kind: Configuration'))
    .map((text) => parse(text) as { readonly apiVersion?: string })
    .find(({ apiVersion }) => apiVersion === 'pratique.dev/v1alpha1');
  if (!found) throw new Error('the chart renders no ConfigMap with a configuration');
  return found;
}

function environment(
  variables: NonNullable<Container['env']>,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Readonly<Record<string, string>> {
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'spec.nodeName': 'amd-1',
  };
  return Object.fromEntries(
    variables.map((each) => [
      each.name,
      each.value ?? fields[each.valueFrom?.fieldRef?.fieldPath ?? ''] ?? '',
    ]),
  );
}

/**
 * The chart's objects without the Deployment, whose pods nobody would run. The Service leads to `localhost` instead, so
 * that the API server still calls a Service, with its name in the TLS handshake.
 */
export function adapted(
  { objects, service }: Chart,
  { namespace, port }: { readonly namespace: string; readonly port: number },
): readonly KubernetesObject[] {
  return objects.flatMap((object) => {
    switch (object.kind) {
      case 'Deployment':
        return [];
      case 'Service':
        return object.metadata.name === service ? [local(object, namespace)] : [object];
      case 'MutatingWebhookConfiguration':
      case 'ValidatingWebhookConfiguration':
        return [withPort(object, port)];
      default:
        return [object];
    }
  });
}

function local({ apiVersion, kind, metadata }: KubernetesObject, namespace: string): KubernetesObject {
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, namespace },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  };
}

function withPort(object: KubernetesObject, port: number): KubernetesObject {
  const { webhooks } = object as unknown as WebhookConfiguration;
  const here = webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, service: { ...webhook.clientConfig.service, port } },
  }));
  return { ...object, webhooks: here };
}
