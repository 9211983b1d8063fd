/** Kubernetes objects as the tools here pass them on. Not typed by kind: kubectl and the API server check them. */
import { parseAllDocuments } from 'yaml';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** Every document of a manifest; empty ones left out. Throws where kubectl would: a key that is there twice, too. */
export function parseObjects(manifest: string): readonly KubernetesObject[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** What kubectl reads from its standard input. */
export function listOf(objects: readonly KubernetesObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}
