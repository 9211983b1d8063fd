/** Kinds of objects and their URL paths in the API server. */
import { clean } from '../../util/text/text.ts';
import { KubernetesError } from './api.ts';

export interface Resource {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ObjectPath {
  /** Namespace; defaults to all namespaces. It is ignored for cluster-scoped resources. */
  readonly namespace?: string | undefined;
  /** Name; without it the path is that of the collection. */
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

export const pods = namespaced('', 'v1', 'pods', 'Pod');
export const nodes = clusterWide('', 'v1', 'nodes', 'Node');
export const namespaces = clusterWide('', 'v1', 'namespaces', 'Namespace');
export const secrets = namespaced('', 'v1', 'secrets', 'Secret');
export const serviceAccounts = namespaced('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const coreEvents = namespaced('', 'v1', 'events', 'Event');
export const deployments = namespaced('apps', 'v1', 'deployments', 'Deployment');
export const replicaSets = namespaced('apps', 'v1', 'replicasets', 'ReplicaSet');
export const statefulSets = namespaced('apps', 'v1', 'statefulsets', 'StatefulSet');
export const daemonSets = namespaced('apps', 'v1', 'daemonsets', 'DaemonSet');
export const jobs = namespaced('batch', 'v1', 'jobs', 'Job');
export const cronJobs = namespaced('batch', 'v1', 'cronjobs', 'CronJob');
export const leases = namespaced('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const runtimeClasses = clusterWide('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass');
export const imageInspections = namespaced('pratique.dev', 'v1alpha1', 'imageinspections', 'ImageInspection');
export const mutatingWebhookConfigurations = clusterWide(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingwebhookconfigurations',
  'MutatingWebhookConfiguration',
);
export const validatingWebhookConfigurations = clusterWide(
  'admissionregistration.k8s.io',
  'v1',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
);
// Resources of OpenShift.
export const imageDigestMirrorSets = clusterWide(
  'config.openshift.io',
  'v1',
  'imagedigestmirrorsets',
  'ImageDigestMirrorSet',
);
export const imageTagMirrorSets = clusterWide(
  'config.openshift.io',
  'v1',
  'imagetagmirrorsets',
  'ImageTagMirrorSet',
);
export const openShiftImages = clusterWide('config.openshift.io', 'v1', 'images', 'Image');
export const imageContentSourcePolicies = clusterWide(
  'operator.openshift.io',
  'v1alpha1',
  'imagecontentsourcepolicies',
  'ImageContentSourcePolicy',
);

/** Returns `pratique.dev/v1alpha1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Returns the path of an object or collection. Throws `KubernetesError` (`Unusable`) for a name that would change the path. */
export function pathOf(resource: Resource, place: ObjectPath = {}): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const parts = [root, resource.version];
  if (resource.namespaced && place.namespace !== undefined)
    parts.push('namespaces', encodeSegment(place.namespace));
  parts.push(resource.plural);
  if (place.name !== undefined) parts.push(encodeSegment(place.name));
  if (place.subresource !== undefined) parts.push(encodeSegment(place.subresource));
  return parts.join('/');
}

// DNS subdomain, as Kubernetes' `NameIsDNSSubdomain` accepts it.
const dnsSubdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Returns true if an object may have this name. Names found in pods may be any text, and invalid ones are not
 * requested.
 */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && dnsSubdomain.test(name);
}

// Encodes a name for a path. Encoding alone is not sufficient, because the API server splits the path after
// decoding it.
function encodeSegment(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.length > 253 || /[/%]/.test(name))
    throw new KubernetesError('Unusable', `"${clean(name, 64)}" cannot be the name of an object`);
  return encodeURIComponent(name);
}

function namespaced(group: string, version: string, plural: string, kind: string): Resource {
  return { group, version, plural, kind, namespaced: true };
}

function clusterWide(group: string, version: string, plural: string, kind: string): Resource {
  return { group, version, plural, kind, namespaced: false };
}
