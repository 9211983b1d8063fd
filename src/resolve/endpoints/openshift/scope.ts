/** Scopes of OpenShift's registry settings: `host[:port][/path]`, or `*.example.com` (runtime-utils `ScopeIsNestedInsideScope`). */

/** Returns true if `outer` covers everything that `inner` covers. A port makes another scope, except below a wildcard. */
export function isNested(inner: string, outer: string): boolean {
  if (inner === outer || inner.startsWith(`${outer}/`)) return true;
  if (!outer.startsWith('*.')) return false;
  const [host = ''] = inner.split(inner.includes(':') ? ':' : '/', 1);
  return host.endsWith(outer.slice(1)) && !host.includes('/');
}

/** Returns true for a valid scope. A wildcard is allowed only at the start of a host without anything after the host. */
export function isValidScope(scope: string): boolean {
  return scope !== '' && (!scope.includes('*') || /^\*\.[^/@:*]*$/.test(scope));
}
