/** Verb and resource of a request, as RBAC names them. Only metrics and tests use them. */
import type { ApiRequest } from '../api.ts';

export interface RequestInfo {
  /** One of `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verb: string;
  /** Resource, for example `pods` or `imageinspections/status`; `other` for paths that are not resources. */
  readonly resource: string;
}

const resourcePath =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+(?=\/(?!status$|finalize$)))?\/([^/]+)(\/[^/]+)?(\/[^/]+)?$/;

export function requestInfo(request: ApiRequest, isWatch: boolean): RequestInfo {
  const [, plural, name, subresource = ''] = resourcePath.exec(request.path) ?? [];
  return {
    verb: verbOf(request.method ?? 'GET', name !== undefined, isWatch),
    resource: plural === undefined ? 'other' : `${plural}${subresource}`,
  };
}

function verbOf(method: NonNullable<ApiRequest['method']>, isNamed: boolean, isWatch: boolean): string {
  switch (method) {
    case 'GET':
      if (isWatch) return 'watch';
      return isNamed ? 'get' : 'list';
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
