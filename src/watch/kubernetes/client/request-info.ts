/** What a request is about, in the words of RBAC: verb and resource. For metrics and tests; nothing is decided by it. */
import type { ApiRequest } from '../api.ts';

export interface Attributes {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verb: string;
  /** `pods`, `imageinspections/status`; `other` for what is no resource. */
  readonly resource: string;
}

const object =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+(?=\/(?!status$|finalize$)))?\/([^/]+)(\/[^/]+)?(\/[^/]+)?$/;

export function attributesOf(request: ApiRequest, watches: boolean): Attributes {
  const [, plural, name, subresource = ''] = object.exec(request.path) ?? [];
  return {
    verb: verbOf(request.method ?? 'GET', name !== undefined, watches),
    resource: plural === undefined ? 'other' : `${plural}${subresource}`,
  };
}

function verbOf(method: NonNullable<ApiRequest['method']>, named: boolean, watches: boolean): string {
  switch (method) {
    case 'GET':
      if (watches) return 'watch';
      return named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return method satisfies never;
  }
}
