/** Builders of pods, of what makes pods, and of the reviews that carry them: `pod('web').container('nginx:1').build()`. */

/** A Kubernetes object as JSON has it. */
export type Json = { [key: string]: unknown };

interface ContainerOptions {
  readonly name?: string;
  readonly pullPolicy?: string;
}

type List = 'containers' | 'initContainers' | 'ephemeralContainers';

export class PodBuilder {
  private readonly metadata: Json;
  private readonly spec: Json = { containers: [] };

  constructor(name: string) {
    this.metadata = { name, namespace: 'shop' };
  }

  container(image: string, options: ContainerOptions = {}): this {
    return this.add('containers', 'c', image, options);
  }

  init(image: string, options: ContainerOptions = {}): this {
    return this.add('initContainers', 'init', image, options);
  }

  ephemeral(image: string, options: ContainerOptions = {}): this {
    return this.add('ephemeralContainers', 'debug', image, options);
  }

  imageVolume(reference: string, { name, pullPolicy }: ContainerOptions = {}): this {
    const volumes = (this.spec['volumes'] ??= []) as Json[];
    const image = { reference, ...(pullPolicy && { pullPolicy }) };
    volumes.push({ name: name ?? `v${volumes.length}`, image });
    return this;
  }

  label(key: string, value: string): this {
    return this.mark('labels', key, value);
  }

  annotation(key: string, value: string): this {
    return this.mark('annotations', key, value);
  }

  /** Any other member of the metadata. */
  meta(key: string, value: unknown): this {
    this.metadata[key] = value;
    return this;
  }

  build(): Json {
    return { apiVersion: 'v1', kind: 'Pod', ...this.template() };
  }

  /** The pod as `spec.template` of a workload. */
  template(): Json {
    return structuredClone({ metadata: this.metadata, spec: this.spec });
  }

  private add(list: List, prefix: string, image: string, { name, pullPolicy }: ContainerOptions): this {
    const containers = (this.spec[list] ??= []) as Json[];
    const container = { name: name ?? `${prefix}${containers.length}`, image };
    containers.push({ ...container, ...(pullPolicy && { imagePullPolicy: pullPolicy }) });
    return this;
  }

  private mark(kind: 'labels' | 'annotations', key: string, value: string): this {
    this.metadata[kind] = { ...(this.metadata[kind] as Json | undefined), [key]: value };
    return this;
  }
}

export function pod(name: string): PodBuilder {
  return new PodBuilder(name);
}

export function deployment(name: string, template: PodBuilder): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { template: template.template() },
  };
}

interface ReviewOptions {
  readonly operation?: string;
  readonly oldObject?: Json;
  readonly subResource?: string;
  readonly uid?: string;
}

/** An AdmissionReview about `object`, as the API server would send it. */
export function review(object: Json, options: ReviewOptions = {}): Json {
  const [group, version] = /^(?:(.*)\/)?(.*)$/.exec(String(object['apiVersion']))?.slice(1) ?? [];
  const metadata = object['metadata'] as Json;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: options.uid ?? '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: group ?? '', version, kind: object['kind'] },
      ...(options.subResource && { subResource: options.subResource }),
      name: metadata['name'],
      namespace: metadata['namespace'],
      operation: options.operation ?? 'CREATE',
      object,
      oldObject: options.oldObject ?? null,
      dryRun: false,
    },
  };
}
