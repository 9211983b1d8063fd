/** Scopes of registry tokens: what a token is asked for. */

/** `repository:library/nginx:pull`, of the physical repository. containerd sends the union with the image's own name and so broke ghcr.io and Harbor as mirrors. */
export function repositoryScope(repository: string, actions: readonly string[] = ['pull']): string {
  return `repository:${repository}:${actions.join(',')}`;
}

/** The scopes of a challenge, or the repository's own where the challenge names none. */
export function scopesFor(challenged: string | undefined, repository: string): readonly string[] {
  const scopes = (challenged ?? '').split(' ').filter((scope) => scope !== '');
  return scopes.length > 0 ? scopes : [repositoryScope(repository)];
}
