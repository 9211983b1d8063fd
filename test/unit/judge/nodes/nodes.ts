/** Fake nodes: `node('arm-1', 'linux/arm64').label('pool', 'a').taint('gpu').build()`, and a cluster of them that changes. */
import type { ClusterNode, ClusterNodes, Taint } from '../../../../src/judge/nodes/node.ts';
import { nodeOf } from '../../../../src/judge/nodes/node-of.ts';

type Json = { [key: string]: unknown };

export class NodeBuilder {
  private readonly name: string;
  private readonly labels: Json;
  private readonly taints: Json[] = [];
  private readonly info: Json;
  private readonly images: Json[] = [];

  constructor(name: string, platform: string) {
    const [operatingSystem = '', architecture = ''] = platform.split('/');
    this.name = name;
    this.labels = {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': operatingSystem,
      'kubernetes.io/arch': architecture,
    };
    this.info = { operatingSystem, architecture, containerRuntimeVersion: 'containerd://2.1.4' };
  }

  label(key: string, value: string): this {
    this.labels[key] = value;
    return this;
  }

  taint(key: string, value = '', effect: Taint['effect'] = 'NoSchedule'): this {
    this.taints.push({ key, value, effect });
    return this;
  }

  runtime(version: string): this {
    this.info['containerRuntimeVersion'] = version;
    return this;
  }

  windows(build: string): this {
    this.info['kernelVersion'] = build;
    return this;
  }

  holds(...names: readonly string[]): this {
    this.images.push({ names, sizeBytes: 1 });
    return this;
  }

  /** Returns the Node object of the API server. */
  object(): Json {
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: this.name, labels: this.labels },
      spec: { taints: this.taints },
      status: { nodeInfo: this.info, images: this.images },
    };
  }

  build(): ClusterNode {
    const built = nodeOf(this.object());
    if (!built) throw new Error('a node has a name and a platform');
    return built;
  }
}

export function node(name: string, platform = 'linux/amd64'): NodeBuilder {
  return new NodeBuilder(name, platform);
}

export class FakeNodes implements ClusterNodes {
  version = 0;
  /** How often somebody went through all of them. */
  walks = 0;
  private readonly nodes = new Map<string, ClusterNode>();

  constructor(...nodes: readonly ClusterNode[]) {
    this.put(...nodes);
  }

  put(...nodes: readonly ClusterNode[]): void {
    for (const each of nodes) this.nodes.set(each.name, each);
    this.version++;
  }

  remove(name: string): void {
    this.nodes.delete(name);
    this.version++;
  }

  get(name: string): ClusterNode | undefined {
    return this.nodes.get(name);
  }

  values(): IterableIterator<ClusterNode> {
    this.walks++;
    return this.nodes.values();
  }
}
