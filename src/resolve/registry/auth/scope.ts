/** Scopes of registry tokens. */
import type { ScopeRule } from '../registry.ts';

/** Returns the scope of one repository, `repository:library/nginx:pull`. */
export function repositoryScope(repository: string, actions: readonly string[] = ['pull']): string {
  return `repository:${repository}:${actions.join(',')}`;
}

/** Returns the scopes of a token request; `repository` is the endpoint's own. */
export function scopesFor(
  challenged: string | undefined,
  repository: string,
  rule: ScopeRule = 'challenge',
): readonly string[] {
  const own = repositoryScope(repository);
  const scopes = (challenged ?? '').split(' ').filter((scope) => scope !== '');
  if (rule === 'repository' || scopes.length === 0) return [own];
  // ghcr.io and Harbor refuse containerd's union if they are mirrors with another path, whose challenge names another
  // repository.
  return rule === 'union' ? [...new Set([...scopes, own])] : scopes;
}
