/** DNS names of a Service for its certificate. */

/** The API server verifies the first. */
export function serviceDnsNames(service: string, namespace: string): readonly string[] {
  const inside = `${service}.${namespace}`;
  return [`${inside}.svc`, `${inside}.svc.cluster.local`, inside, 'localhost'];
}
