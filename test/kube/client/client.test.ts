import { createMetricsRegistry } from '../../../src/base/metrics/index.js';
import {
  type ApiRequest,
  createClient,
  isConflict,
  isGone,
  isNamespaceTerminating,
  isNotFound,
  type KubeObject,
  listAll,
  RequestTimeoutError,
  resourceTypes,
  type WatchEvent,
} from '../../../src/kube/index.js';
import {
  type Answer,
  BodyStream,
  failure,
  inTurn,
  parameter,
  type Script,
  ScriptedTransport,
} from '../../support/scriptedTransport.js';
import { VirtualClock } from '../../support/virtualClock.js';

const { pods, deployments, nodes } = resourceTypes;

function setUp(script: Script) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport(script);
  const metrics = createMetricsRegistry();
  const client = createClient({ transport, fieldManager: 'gantry', userAgent: 'gantry/1', clock, metrics });
  return { clock, transport, client, metrics };
}

function pod(name: string, resourceVersion = '1'): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', resourceVersion } };
}

function lastOf(transport: ScriptedTransport): ApiRequest {
  const request = transport.requests.at(-1);
  if (request === undefined) throw new Error('no request was sent');
  return request;
}

describe('the client', () => {
  it('asks for an object by its path, as JSON, under its own name', async () => {
    const { client, transport } = setUp(() => ({ body: pod('a b') }));
    await client.get(pods, { namespace: 'shop', name: 'a b' });
    expect(lastOf(transport)).toMatchObject({
      method: 'GET',
      path: '/api/v1/namespaces/shop/pods/a%20b',
      headers: { accept: 'application/json', 'user-agent': 'gantry/1' },
    });
  });

  it('leaves the namespace out of the path of a cluster-scoped kind', async () => {
    const { client, transport } = setUp(() => ({ body: pod('n') }));
    await client.get(nodes, { namespace: 'ignored', name: 'n' });
    expect(lastOf(transport).path).toBe('/api/v1/nodes/n');
  });

  it('gives the items of a list the kind that built-in lists leave out', async () => {
    const items = [{ metadata: { name: 'a', namespace: 'shop' } }];
    const { client } = setUp(() => ({
      body: { kind: 'DeploymentList', apiVersion: 'apps/v1', metadata: {}, items },
    }));
    const list = await client.list(deployments, { namespace: 'shop', labelSelector: 'app=a' });
    expect(list.items[0]).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
  });

  it.each([
    ['merge', 'application/merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
    ['apply', 'application/apply-patch+yaml'],
  ] as const)('sends a %s patch as %s', async (type, mediaType) => {
    const { client, transport } = setUp(() => ({ body: pod('a') }));
    await client.patch(pods, { namespace: 'shop', name: 'a' }, {}, { type, subresource: 'status' });
    const { method, path, headers } = lastOf(transport);
    expect([method, path.split('?')[0], headers['content-type']]).toEqual([
      'PATCH',
      '/api/v1/namespaces/shop/pods/a/status',
      mediaType,
    ]);
  });

  it('applies under its field manager and forces only when told to', async () => {
    const { client, transport } = setUp(() => ({ body: pod('a') }));
    await client.apply(pods, pod('a'));
    expect([parameter(lastOf(transport), 'fieldManager'), parameter(lastOf(transport), 'force')]).toEqual([
      'gantry',
      null,
    ]);
    await client.apply(pods, pod('a'), { force: true });
    expect(parameter(lastOf(transport), 'force')).toBe('true');
  });

  it('sends what a deletion asks for in its body', async () => {
    const { client, transport } = setUp(() => ({ body: {} }));
    const preconditions = { uid: 'u' };
    await client.delete(
      pods,
      { namespace: 'shop', name: 'a' },
      { propagationPolicy: 'Foreground', preconditions },
    );
    expect(JSON.parse(String(lastOf(transport).body))).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Foreground',
      preconditions,
    });
  });

  it('rejects with the server\u2019s own words, code and reason', async () => {
    const { client } = setUp(() => failure(404, 'NotFound', 'pods "a" not found'));
    const error: unknown = await client.get(pods, { name: 'a' }).catch((thrown: unknown) => thrown);
    expect(isNotFound(error)).toBe(true);
    expect(error).toMatchObject({ message: 'pods "a" not found', status: 404, reason: 'NotFound' });
  });

  it('makes a readable error of an answer that is no Status, with the time the server asks for', async () => {
    const headers = { 'retry-after': '7' };
    const { client } = setUp(() => ({ status: 503, headers, body: '<html>\n  try later</html>' }));
    const error: unknown = await client.get(pods, { name: 'a' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: 'the API server answered 503: <html> try later</html>',
      retryAfterMs: 7_000,
    });
  });

  it('tells an object that exists from a conflict, and a closing namespace from a missing right', async () => {
    const causes = [{ reason: 'NamespaceTerminating' }];
    const { client } = setUp(
      inTurn(
        () => failure(409, 'AlreadyExists'),
        () => failure(409, 'Conflict'),
        () => ({ status: 403, body: { ...(failure(403, 'Forbidden').body as object), details: { causes } } }),
      ),
    );
    const outcomes: unknown[] = [];
    for (let turn = 0; turn < 3; turn++)
      await client.create(pods, pod('a')).catch((e: unknown) => outcomes.push(e));
    expect(outcomes.map(isConflict)).toEqual([false, true, false]);
    expect(outcomes.map(isNamespaceTerminating)).toEqual([false, false, true]);
  });

  it('gives up on a request that is not answered in time, even by a transport that ignores its signal', async () => {
    const { client, clock } = setUp(() => new Promise<Answer>(() => undefined));
    const outcome = client.get(pods, { name: 'a' }).catch((error: unknown) => error);
    await clock.advance(60_000);
    expect(await outcome).toBeInstanceOf(RequestTimeoutError);
    expect(clock.pending).toBe(0);
  });

  it('gives up on an answer whose body stops half way', async () => {
    const body = new BodyStream();
    const { client, clock } = setUp(() => ({ body }));
    const outcome = client.get(pods, { name: 'a' }).catch((error: unknown) => error);
    body.push('{"kind":');
    await clock.advance(60_000);
    expect(await outcome).toBeInstanceOf(RequestTimeoutError);
  });

  it('counts requests by code and method', async () => {
    const { client, metrics } = setUp(() => failure(404, 'NotFound'));
    await client.get(pods, { name: 'a' }).catch(() => undefined);
    expect(await metrics.metrics()).toContain('rest_client_requests_total{code="404",method="GET"} 1');
  });
});

describe('listAll', () => {
  const page = (names: string[], token?: string): Answer => ({
    body: {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '9', ...(token === undefined ? {} : { continue: token }) },
      items: names.map((name) => pod(name)),
    },
  });

  it('reads page after page and keeps the version of the first', async () => {
    const { client, transport } = setUp(
      inTurn(
        () => page(['a'], 't1'),
        () => page(['b'], 't2'),
        () => page(['c']),
      ),
    );
    const list = await listAll(client, pods, { pageSize: 1 });
    expect(list.items.map((item) => item.metadata.name)).toEqual(['a', 'b', 'c']);
    expect(list.metadata).toEqual({ resourceVersion: '9' });
    expect(transport.requests.map((request) => parameter(request, 'continue'))).toEqual([null, 't1', 't2']);
  });

  it('reads everything at once when a page has expired', async () => {
    const { client, transport } = setUp(
      inTurn(
        () => page(['a'], 't1'),
        () => failure(410, 'Expired'),
        () => page(['b', 'c']),
      ),
    );
    const list = await listAll(client, pods, { pageSize: 1 });
    expect(list.items.map((item) => item.metadata.name)).toEqual(['b', 'c']);
    expect(parameter(lastOf(transport), 'limit')).toBeNull();
  });
});

describe('a watch', () => {
  const open = (script: Script) => {
    const stop = new AbortController();
    const parts = setUp(script);
    const events: WatchEvent[] = [];
    const options = { resourceVersion: '5', timeoutSeconds: 300, signal: stop.signal };
    const outcome = (async () => {
      for await (const event of parts.client.watch(pods, options)) events.push(event);
    })().then(
      () => 'ended',
      (error: unknown) => error,
    );
    return { ...parts, stop, events, outcome };
  };

  it('asks for bookmarks from the version it is given', async () => {
    const body = new BodyStream();
    const { transport, outcome } = open(() => ({ body }));
    body.end();
    expect(await outcome).toBe('ended');
    expect(lastOf(transport).path).toBe(
      '/api/v1/pods?resourceVersion=5&watch=true&allowWatchBookmarks=true&timeoutSeconds=300',
    );
  });

  it('throws what the server refuses with', async () => {
    const { outcome } = open(() => failure(410, 'Expired'));
    expect(isGone(await outcome)).toBe(true);
  });

  it.each([
    'not json\n',
    '{"type":"SURPRISE","object":{}}\n',
    '[]\n',
    '{"type":"ADDED","object":{"metadata":{}}}\n',
  ])('throws at %j, after the events before it', async (line) => {
    const body = new BodyStream();
    const { events, outcome } = open(() => ({ body }));
    body.event('ADDED', pod('a'));
    body.push(line);
    expect(await outcome).toMatchObject({ name: 'MalformedWatchError' });
    expect(events).toHaveLength(1);
  });

  it('takes a silent stream for dead when it outlives the time the server was given', async () => {
    const { clock, outcome } = open(() => ({ body: new BodyStream() }));
    await clock.advance(329_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await outcome).toBeInstanceOf(RequestTimeoutError);
  });

  it('ends at once when its signal aborts, and lets the connection go', async () => {
    const body = new BodyStream();
    const { clock, stop, outcome } = open(() => ({ body }));
    await clock.settle();
    stop.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
    await clock.settle();
    expect({ open: body.open, timers: clock.pending }).toEqual({ open: false, timers: 0 });
  });
});
