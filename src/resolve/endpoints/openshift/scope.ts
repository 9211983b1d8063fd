/** Scopes of OpenShift's registry settings: `host[:port][/path]`, or `*.example.com` (runtime-utils `ScopeIsNestedInsideScope`). */

/** Does `outer` cover everything that `inner` covers? A port makes another scope, except below a wildcard. */
export function isNested(inner: string, outer: string): boolean {
  if (inner === outer || inner.startsWith(`${outer}/`)) return true;
  if (!outer.startsWith('*.')) return false;
  const [host = ''] = inner.split(inner.includes(':') ? ':' : '/', 1);
  return host.endsWith(outer.slice(1)) && !host.includes('/');
}

/** A wildcard may only stand at the start, before a host without anything after it. */
export function isValidScope(scope: string): boolean {
  return scope !== '' && (!scope.includes('*') || /^\*\.[^/@:*]*$/.test(scope));
}
