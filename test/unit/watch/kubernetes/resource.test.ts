import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { requestInfo } from '../../../../src/watch/kubernetes/client/request-info.ts';
import {
  apiVersionOf,
  deployments,
  imageInspections,
  namespaces,
  nodes,
  pathOf,
  pods,
} from '../../../../src/watch/kubernetes/resource.ts';

describe('pathOf', () => {
  test.each([
    [pathOf(pods), '/api/v1/pods'],
    [pathOf(pods, { namespace: 'shop' }), '/api/v1/namespaces/shop/pods'],
    [pathOf(nodes, { name: 'n1', namespace: 'ignored' }), '/api/v1/nodes/n1'],
    [pathOf(namespaces, { name: 'shop' }), '/api/v1/namespaces/shop'],
    [pathOf(deployments, { namespace: 'a', name: 'b' }), '/apis/apps/v1/namespaces/a/deployments/b'],
    [
      pathOf(imageInspections, { namespace: 'a', name: 'b', subresource: 'status' }),
      '/apis/pratique.dev/v1alpha1/namespaces/a/imageinspections/b/status',
    ],
    [pathOf(nodes, { name: 'system:node?x' }), '/api/v1/nodes/system%3Anode%3Fx'],
  ])('returns %s', (path, expected) => expect(path).toBe(expected));

  test.each(['', '.', '..', '../secrets', 'a/b', 'a%2fb', 'x'.repeat(254)])('rejects the name %j', (name) => {
    expect(() => pathOf(pods, { namespace: name })).toThrow('cannot be the name of an object');
    expect(() => pathOf(pods, { namespace: 'shop', name })).toThrow('cannot be the name of an object');
  });

  test('keeps the number of path segments whatever the name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        let path: string;
        try {
          path = pathOf(pods, { namespace: 'shop', name });
        } catch {
          return;
        }
        const parts = decodeURIComponent(path).split('/');
        expect(parts).toEqual(['', 'api', 'v1', 'namespaces', 'shop', 'pods', name]);
        expect(new URL(path, 'https://127.0.0.1').pathname).toBe(path);
      }),
    );
  });
});

test('apiVersionOf returns group and version', () => {
  expect([apiVersionOf(pods), apiVersionOf(deployments)]).toEqual(['v1', 'apps/v1']);
});

describe('requestInfo', () => {
  test.each([
    ['/api/v1/pods', undefined, 'list pods'],
    ['/api/v1/namespaces/shop/pods/web', undefined, 'get pods'],
    ['/api/v1/namespaces/shop/pods/web/status', 'PATCH', 'patch pods/status'],
    ['/api/v1/namespaces/shop', undefined, 'get namespaces'],
    ['/api/v1/namespaces', 'POST', 'create namespaces'],
    ['/api/v1/namespaces/shop/status', 'PUT', 'update namespaces/status'],
    ['/apis/pratique.dev/v1alpha1/namespaces/a/imageinspections/b', 'DELETE', 'delete imageinspections'],
    ['/apis/apps/v1/deployments', undefined, 'list deployments'],
    ['/readyz', undefined, 'list other'],
  ] as const)('names verb and resource of %s %s', (path, method, expected) => {
    const { verb, resource } = requestInfo({ path, ...(method ? { method } : {}) }, false);
    expect(`${verb} ${resource}`).toBe(expected);
  });
});
