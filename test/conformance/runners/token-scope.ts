/** Checks of `token-scope.json`: what tokens are asked for, and what a runtime offers to a host. */
import { type CriAuth, criAuth } from '../../../src/resolve/credentials/cri-auth.ts';
import { repositoryScope } from '../../../src/resolve/registry/auth/scope.ts';
import { tokenRequest } from '../../../src/resolve/registry/auth/token.ts';
import { type Case, equalOrThrow, type Runner } from '../runner.ts';

interface ScopeVector extends Case {
  /** Registry and repository. */
  readonly locator: string;
  readonly push: boolean;
}

interface TokenVector extends Case {
  readonly challenge: Readonly<Record<string, string>>;
}

interface AuthVector extends Case {
  readonly auth: CriAuth | null;
  readonly host: string;
}

export const runner: Runner = {
  repositoryScope(vector: ScopeVector) {
    const repository = vector.locator.slice(vector.locator.indexOf('/') + 1);
    const actions = vector.push ? ['pull', 'push'] : ['pull'];
    return equalOrThrow(vector, () => repositoryScope(repository, actions));
  },

  tokenOptions(vector: TokenVector) {
    const challenge = { scheme: 'bearer', params: new Map(Object.entries(vector.challenge)) };
    return equalOrThrow(vector, () => {
      const { service, scopes } = tokenRequest(challenge, 'library/unused', 'https://registry.test');
      return { realm: vector.challenge['realm'], service, scopes };
    });
  },

  criAuth(vector: AuthVector) {
    return equalOrThrow(vector, () => criAuth(vector.auth, vector.host));
  },
};
