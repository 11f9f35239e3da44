import { apiVersionOf, isOfType, resourcePath, resourceTypes, splitKey } from '../../src/kube/index.js';

describe('resource types', () => {
  it.each([
    [resourceTypes.pods, { namespace: 'shop' }, '/api/v1/namespaces/shop/pods'],
    [resourceTypes.pods, {}, '/api/v1/pods'],
    [resourceTypes.nodes, { name: 'n' }, '/api/v1/nodes/n'],
    [
      resourceTypes.deployments,
      { namespace: 'shop', name: 'web', subresource: 'scale' },
      '/apis/apps/v1/namespaces/shop/deployments/web/scale',
    ],
  ])('have their place under the API', (type, place, path) => {
    expect(resourcePath(type, place)).toBe(path);
  });

  it('recognise their objects by apiVersion and kind', () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } };
    expect(apiVersionOf(resourceTypes.deployments)).toBe('apps/v1');
    expect([isOfType(object, resourceTypes.deployments), isOfType(object, resourceTypes.pods)]).toEqual([
      true,
      false,
    ]);
  });

  it('share keys whose parts can be told apart again', () => {
    expect([splitKey('shop/web'), splitKey('node-1')]).toEqual([
      { namespace: 'shop', name: 'web' },
      { name: 'node-1' },
    ]);
  });
});
