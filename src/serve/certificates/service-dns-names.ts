/** DNS names of a Service for its certificate. */

/** Returns the DNS names. The API server verifies the first one. */
export function serviceDnsNames(service: string, namespace: string): readonly string[] {
  const inside = `${service}.${namespace}`;
  return [`${inside}.svc`, `${inside}.svc.cluster.local`, inside, 'localhost'];
}
