import { parseResourcePath } from '../../../../src/local/apiserver/server/path.js';

describe('a resource path', () => {
  it.each([
    ['/api/v1/pods', ['', 'v1', '', 'pods', '', '']],
    ['/api/v1/namespaces', ['', 'v1', '', 'namespaces', '', '']],
    ['/api/v1/namespaces/x', ['', 'v1', '', 'namespaces', 'x', '']],
    ['/api/v1/namespaces/x/status', ['', 'v1', '', 'namespaces', 'x', 'status']],
    ['/api/v1/namespaces/x/finalize', ['', 'v1', '', 'namespaces', 'x', 'finalize']],
    ['/api/v1/namespaces/x/pods/p/log', ['', 'v1', 'x', 'pods', 'p', 'log']],
    ['/apis/apps/v1/namespaces/x/deployments/d/scale', ['apps', 'v1', 'x', 'deployments', 'd', 'scale']],
    ['/apis/demo.dev/v1/things/a%2Fb', ['demo.dev', 'v1', '', 'things', 'a/b', '']],
  ])('%s', (path, [group, version, namespace, plural, name, subresource]) => {
    expect(parseResourcePath(path)).toEqual({
      group,
      version,
      namespace,
      plural,
      name,
      subresource,
      watchPath: false,
    });
  });

  it('knows the old form of a watch', () => {
    const parsed = parseResourcePath('/api/v1/watch/namespaces/x/configmaps');
    expect(parsed).toMatchObject({ namespace: 'x', plural: 'configmaps', watchPath: true });
  });

  it.each(['/', '/api', '/api/v1', '/apis/apps/v1', '/version', '/api/v1/pods/%zz'])('%s is none', (path) => {
    expect(parseResourcePath(path)).toBeUndefined();
  });
});
