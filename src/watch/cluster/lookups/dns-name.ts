/** May this be the name of an object? What comes out of a pod may be anything, and is not asked for then. */

// DNS subdomain: Kubernetes' `NameIsDNSSubdomain`.
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

export function isDnsName(name: string): boolean {
  return name.length <= 253 && subdomain.test(name);
}
