/** Scopes of OpenShift's registry settings: `host[:port][/path]`, or `*.example.com` (runtime-utils `ScopeIsNestedInsideScope`). */

/** Is everything that `inner` covers covered by `outer` too? A port makes another scope, except below a wildcard. */
export function isNested(inner: string, outer: string): boolean {
  if (inner === outer || inner.startsWith(`${outer}/`)) return true;
  if (!outer.startsWith('*.')) return false;
  const [host = ''] = inner.split(inner.includes(':') ? ':' : '/', 1);
  return host.endsWith(outer.slice(1)) && !host.includes('/');
}

/** The only place for a wildcard is the start, and then there is nothing but a host. */
export function isValidScope(scope: string): boolean {
  return scope !== '' && (!scope.includes('*') || /^\*\.[^/@:*]*$/.test(scope));
}
