import fc from 'fast-check';
import { type Random, seededRandom, silentLogger, sleep } from '../../src/base/index.js';
import {
  type ApiRequest,
  type Client,
  createClient,
  createEventRecorder,
  createInformer,
  createLeaderElector,
  type KubeObject,
  type Lease,
  listAll,
  objectKey,
  resourceTypes,
  type Transport,
} from '../../src/kube/index.js';
import { type ApiServer, createApiServer, memoryStorage } from '../../src/local/index.js';
import { VirtualClock } from '../support/virtualClock.js';

const { configMaps, coreEvents, leases } = resourceTypes;

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

function setUp(seed = 1) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const server = createApiServer({ clock, random, storage: memoryStorage() });
  const connect = (transport: Transport) => createClient({ transport, fieldManager: 'test', clock });
  return { clock, random, server, connect, client: connect(server) };
}

function configMap(name: string, value: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } };
}

/** The server over a network that delays, refuses, loses answers and cuts streams, as long as `bad` says so. */
function overBadNetwork(
  server: ApiServer,
  parts: { clock: VirtualClock; random: Random; bad: () => boolean },
): Transport {
  const { clock, random, bad } = parts;
  async function* cut(body: AsyncIterable<Uint8Array>) {
    for await (const chunk of body) {
      if (bad() && random.next() < 0.2) {
        yield chunk.subarray(0, chunk.length / 2);
        throw new Error('read ECONNRESET');
      }
      yield chunk;
    }
  }
  return {
    async send(request: ApiRequest) {
      if (bad()) await sleep(clock, random.next() * 3_000, request.signal);
      if (bad() && random.next() < 0.3) throw new Error('connect ECONNREFUSED');
      const response = await server.send(request);
      if (bad() && random.next() < 0.1) throw new Error('read ECONNRESET');
      return { ...response, body: cut(response.body) };
    },
  };
}

const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  what: fc.constantFrom('apply', 'apply', 'apply', 'delete', 'compact'),
  value: fc.string({ unit: 'grapheme', maxLength: 4 }),
  thenMs: fc.constantFrom(0, 10, 1_000, 20_000, 90_000),
});

async function perform(
  client: Client,
  server: ApiServer,
  { what, name, value }: { what: string; name: string; value: string },
) {
  if (what === 'compact') server.compact();
  else if (what === 'apply') await client.apply(configMaps, configMap(name, value));
  else await client.delete(configMaps, { namespace: 'default', name }).catch(() => undefined);
}

describe('the runtime against the local API server', () => {
  it('keeps an informer equal to the server over a bad network', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(), async (steps, seed) => {
        const { clock, random, server, connect, client } = setUp(seed);
        let bad = true;
        const network = overBadNetwork(server, { clock, random, bad: () => bad });
        const options = { client: connect(network), type: configMaps, clock, random, logger: silentLogger };
        const informer = createInformer<ConfigMap>(options);
        const known = new Map<string, string | undefined>();
        informer.subscribe(({ kind, object }) => {
          if (kind === 'deleted') known.delete(objectKey(object));
          else known.set(objectKey(object), object.metadata.resourceVersion);
        });
        const stop = new AbortController();
        const running = informer.run(stop.signal);
        for (const what of steps) {
          await perform(client, server, what);
          await clock.advance(what.thenMs);
        }
        bad = false;
        await clock.advance(40_000);
        const { items } = await listAll<ConfigMap>(client, configMaps);
        const truth = new Map(items.map((item) => [objectKey(item), item.metadata.resourceVersion]));
        expect(new Map([...known].sort())).toEqual(new Map([...truth].sort()));
        expect([...informer.store.keys()].sort()).toEqual([...truth.keys()].sort());
        stop.abort();
        await running;
      }),
      { numRuns: 40 },
    );
  });

  it('costs nothing but its watch while nothing changes, and outlives a day', async () => {
    const { clock, random, server, connect, client } = setUp();
    const requests: string[] = [];
    const counting: Transport = {
      send(request) {
        requests.push(request.path.includes('watch=true') ? 'watch' : 'list');
        return server.send(request);
      },
    };
    const options = { client: connect(counting), type: configMaps, clock, random, logger: silentLogger };
    const informer = createInformer<ConfigMap>(options);
    void informer.run(new AbortController().signal);
    await clock.advance(86_400_000);
    expect(requests.filter((what) => what === 'list')).toHaveLength(1);
    expect(requests.length).toBeLessThan(2 + 86_400 / 300);
    await client.create(configMaps, configMap('late', 'x'));
    await clock.settle();
    expect(informer.store.get('default/late')?.data).toEqual({ value: 'x' });
  });

  it('writes leases that the server accepts: taken, renewed, given back and taken again', async () => {
    const { clock, random, client } = setUp();
    const elector = (identity: string) =>
      createLeaderElector({
        client,
        namespace: 'default',
        name: 'operator',
        identity,
        leaseDurationMs: 15_000,
        renewDeadlineMs: 10_000,
        retryPeriodMs: 2_000,
        clock,
        random,
        logger: silentLogger,
      });
    const callbacks = { onStarted: () => undefined, onStopped: () => undefined };
    const [first, second] = [elector('one'), elector('two')];
    const stop = new AbortController();
    const running = first.run(callbacks, stop.signal);
    await clock.advance(10_000);
    expect([first.isLeader(), second.isLeader()]).toEqual([true, false]);
    stop.abort();
    await running;
    void second.run(callbacks, new AbortController().signal);
    await clock.settle();
    const lease = await client.get<Lease>(leases, { namespace: 'default', name: 'operator' });
    expect(second.isLeader()).toBe(true);
    expect(lease.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
  });

  it('writes events that the server accepts, and raises their count', async () => {
    const { clock, random, client } = setUp();
    const recorder = createEventRecorder({
      client,
      component: 'c',
      instance: 'i',
      clock,
      random,
      logger: silentLogger,
    });
    const object = await client.create(configMaps, configMap('a', 'x'));
    recorder.event(object, 'Normal', 'Seen', 'it is there');
    await recorder.flush();
    recorder.event(object, 'Normal', 'Seen', 'it is there');
    await recorder.flush();
    const { items } = await client.list(coreEvents, { namespace: 'default' });
    expect(items).toMatchObject([
      { count: 2, reason: 'Seen', involvedObject: { name: 'a', kind: 'ConfigMap' } },
    ]);
  });
});
