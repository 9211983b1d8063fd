/** Reader of Node objects. It keeps what image checks need, with a limit on every list and text. */
import { normalise } from '../../resolve/platform/normalise.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import { entry, type Fields, fields, isObject, items, text } from '../../util/unstructured.ts';
import { archLabel, osLabel } from './scheduling/scheduling-constraints.ts';
import type { ClusterNode, Taint } from './node.ts';

const buildLabel = 'node.kubernetes.io/windows-build';

// Taints that the control plane sets and removes as the node's health changes. They are ignored, because a
// pod may be scheduled there afterwards.
const healthTaints: ReadonlySet<string> = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/unschedulable',
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable',
  'node.kubernetes.io/out-of-service',
  'node.cloudprovider.kubernetes.io/uninitialized',
  'node.cloudprovider.kubernetes.io/shutdown',
]);

const maxTaints = 256;
/** Limit of `os`, `architecture` and similar fields, in characters; a longer text counts as missing. */
const maxWord = 128;
// Limits of images and of one name. The kubelet reports 50 images with 5 names each unless
// `nodeStatusMaxImages` is higher.
const maxImages = 5_000;
const maxImage = 1_024;

/**
 * Reads a Node. Returns null if it has no name or has not reported its platform yet. `share` returns one
 * string for equal ones: thousands of nodes have the same images, and each name must be in memory once.
 */
export function nodeOf(object: unknown, share: (name: string) => string = same): ClusterNode | null {
  const { metadata, spec, status } = fields(object);
  const name = text(fields(metadata)['name']);
  const labels = labelsOf(fields(metadata)['labels']);
  const info = fields(fields(status)['nodeInfo']);
  const platform = platformOf(info, labels);
  if (name === '' || platform === null) return null;
  return {
    name,
    labels,
    taints: taintsOf(fields(spec)['taints']),
    platform,
    runtime: word(info['containerRuntimeVersion']),
    images: imagesOf(fields(status)['images'], share),
  };
}

function same(name: string): string {
  return name;
}

function labelsOf(value: unknown): ClusterNode['labels'] {
  const strings = Object.entries(fields(value)).filter(
    (label): label is [string, string] => typeof label[1] === 'string',
  );
  return Object.fromEntries(strings);
}

/**
 * Returns the platform that the kubelet reports. Labels are the second choice, because users can edit them.
 */
function platformOf(info: Fields, labels: ClusterNode['labels']): Platform | null {
  const os = word(info['operatingSystem']) || word(entry(labels, osLabel));
  const architecture = word(info['architecture']) || word(entry(labels, archLabel));
  if (os === '' || architecture === '') return null;
  // Nodes do not report a variant: `arm` means v7 and `arm64` means v8, which is also containerd's default.
  const platform = normalise({ os, architecture, variant: '', osVersion: '', osFeatures: [] });
  return platform.os === 'windows' ? { ...platform, osVersion: buildOf(info, labels) } : platform;
}

/** Returns the Windows build, such as `10.0.20348.2227`, which is the kernel version of a Windows node. */
function buildOf(info: Fields, labels: ClusterNode['labels']): string {
  const kernel = word(info['kernelVersion']);
  return /^\d+\.\d+\.\d+(?:\.|$)/.test(kernel) ? kernel : word(entry(labels, buildLabel));
}

function taintsOf(value: unknown): readonly Taint[] {
  return items(value)
    .slice(0, maxTaints)
    .filter(isObject)
    .flatMap((taint) => {
      const key = text(taint['key']);
      const effect = taint['effect'];
      return isEffect(effect) && !healthTaints.has(key) ? [{ key, value: text(taint['value']), effect }] : [];
    });
}

function isEffect(value: unknown): value is Taint['effect'] {
  return value === 'NoSchedule' || value === 'PreferNoSchedule' || value === 'NoExecute';
}

function imagesOf(value: unknown, share: (name: string) => string): readonly string[] {
  const names: string[] = [];
  for (const image of items(value)) {
    for (const name of items(fields(image)['names'])) {
      if (names.length === maxImages) return names;
      if (typeof name === 'string' && name.length <= maxImage) names.push(share(name));
    }
  }
  return names;
}

function word(value: unknown): string {
  const found = text(value);
  return found.length > maxWord ? '' : found;
}
