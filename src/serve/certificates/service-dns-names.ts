/** The names by which an API server calls a Service. Which Service that is, the configuration says. */

/** DNS names for the certificate; the API server asks for the first. */
export function serviceDnsNames(service: string, namespace: string): readonly string[] {
  const inside = `${service}.${namespace}`;
  return [`${inside}.svc`, `${inside}.svc.cluster.local`, inside, 'localhost'];
}
