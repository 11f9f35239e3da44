import { seededRandom, silentLogger } from '../../../src/base/index.js';
import { createMetricsRegistry } from '../../../src/base/metrics/index.js';
import { type Change, createClient, createInformer } from '../../../src/kube/index.js';
import { isWatch, parameter } from '../../support/scriptedTransport.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { ModelServer, type Thing } from '../modelServer.js';

const things = { group: '', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };

function setUp(options: { resyncMs?: number } = {}) {
  const clock = new VirtualClock();
  const server = new ModelServer();
  const client = createClient({ transport: server.transport, fieldManager: 'test', clock });
  const metrics = createMetricsRegistry();
  const informer = createInformer<Thing>({
    client,
    type: things,
    clock,
    random: seededRandom(7),
    logger: silentLogger,
    metrics,
    resyncMs: options.resyncMs,
    indexes: { data: (thing) => [thing.data] },
  });
  const changes: string[] = [];
  const record = (change: Change<Thing>) => changes.push(`${change.kind} ${change.object.metadata.name}`);
  const stop = new AbortController();
  const start = () => {
    informer.subscribe(record);
    return informer.run(stop.signal);
  };
  const lists = () => server.transport.requests.filter((request) => !isWatch(request)).length;
  return { clock, server, informer, changes, stop, start, lists, metrics };
}

describe('an informer', () => {
  it('lists, then follows the watch from the list\u2019s version', async () => {
    const { clock, server, informer, changes, start, lists } = setUp();
    server.put('a', '1');
    void start();
    await clock.settle();
    server.put('a', '2');
    server.put('b', '1');
    server.remove('a');
    await clock.settle();
    expect(changes).toEqual(['added a', 'updated a', 'added b', 'deleted a']);
    expect(informer.store.keys()).toEqual(['default/b']);
    expect(lists()).toBe(1);
  });

  it('has synced when its first list is in the store, and tells who waits for it', async () => {
    const { clock, server, informer, start } = setUp();
    server.put('a', '1');
    server.faults.push(500, 500);
    let told = 0;
    void informer.synced().then(() => (told = informer.store.size));
    void start();
    await clock.settle();
    expect([informer.hasSynced(), told]).toEqual([false, 0]);
    await clock.advance(10_000);
    expect([informer.hasSynced(), told]).toEqual([true, 1]);
  });

  it('lets go who waits for it when their signal aborts', async () => {
    const { informer } = setUp();
    const stop = new AbortController();
    const waiting = informer.synced(stop.signal);
    stop.abort();
    await waiting;
    expect(informer.hasSynced()).toBe(false);
  });

  it('resumes a watch that ended or broke where it stood, without a list', async () => {
    const { clock, server, changes, start, lists } = setUp();
    void start();
    await clock.settle();
    server.put('a', '1');
    await clock.advance(10_000);
    server.endWatches();
    await clock.settle();
    server.put('b', '1');
    await clock.settle();
    server.breakWatches();
    server.put('c', '1');
    await clock.advance(2_000);
    expect(changes).toEqual(['added a', 'added b', 'added c']);
    expect(lists()).toBe(1);
    const from = server.transport.requests
      .filter(isWatch)
      .map((request) => parameter(request, 'resourceVersion'));
    expect(from).toEqual(['100', '101', '102']);
  });

  it('resumes from a bookmark, so that a quiet kind survives a compaction', async () => {
    const { clock, server, start, lists } = setUp();
    void start();
    await clock.settle();
    server.put('other', '1');
    server.bookmark();
    await clock.advance(10_000);
    server.compact();
    server.endWatches();
    await clock.advance(10_000);
    expect(lists()).toBe(1);
  });

  it.each(['as an answer', 'as an event'])(
    'lists again at 410 %s, and tells what was missed',
    async (how) => {
      const { clock, server, changes, start, lists } = setUp();
      server.put('kept', '1');
      server.put('gone', '1');
      void start();
      await clock.advance(10_000);
      changes.length = 0;
      if (how === 'as an event') server.errorOnWatches(410, 'Expired');
      else server.endWatches();
      server.remove('gone');
      server.put('new', '1');
      server.compact();
      await clock.advance(5_000);
      expect(changes).toEqual(['deleted gone', 'added new']);
      expect(lists()).toBe(2);
    },
  );

  it('tells an object that was deleted and made again from one that changed', async () => {
    const { clock, server, changes, start } = setUp();
    server.put('a', '1');
    void start();
    await clock.settle();
    server.muteWatches();
    server.remove('a');
    server.put('a', '2');
    server.compact();
    await clock.advance(700_000);
    expect(changes).toEqual(['added a', 'deleted a', 'added a']);
  });

  it('never shows an older state when events come out of order', async () => {
    const { clock, server, informer, start } = setUp();
    void start();
    await clock.settle();
    const seen: string[] = [];
    informer.subscribe((change) => seen.push(`${change.kind} ${change.object.data}`));
    server.put('a', '1');
    server.put('a', '2');
    server.repeatOldEvent();
    await clock.advance(5_000);
    expect(seen).toEqual(['added 1', 'updated 2']);
    expect(server.watches).toBe(1);
  });

  it('waits longer and longer in a storm of errors, within half a minute, and recovers', async () => {
    const { clock, server, informer, start } = setUp();
    server.put('a', '1');
    server.faults.push(...Array.from({ length: 40 }, () => 500 as const));
    void start();
    await clock.advance(300_000);
    const { length } = server.transport.requests;
    expect(length).toBeGreaterThan(10);
    expect(length).toBeLessThan(25);
    server.faults.length = 0;
    await clock.advance(30_000);
    expect(informer.store.size).toBe(1);
  });

  it('goes on with its old contents while nobody answers', async () => {
    const { clock, server, informer, start } = setUp();
    server.put('a', '1');
    void start();
    await clock.settle();
    server.faults.push(...Array.from({ length: 40 }, () => 'refused' as const));
    server.breakWatches();
    await clock.advance(60_000);
    expect(informer.store.get('default/a')?.data).toBe('1');
  });

  it('does not hammer a server that accepts watches and hangs up', async () => {
    const { clock, server, start } = setUp();
    void start();
    await clock.settle();
    for (let turn = 0; turn < 1_000; turn++) {
      server.endWatches();
      await clock.advance(60);
    }
    expect(server.transport.requests.length).toBeLessThan(25);
  });

  it('notices a connection on which nothing comes any more', async () => {
    const { clock, server, informer, start } = setUp();
    void start();
    await clock.settle();
    server.muteWatches();
    server.put('a', '1');
    await clock.advance(640_000);
    expect(informer.store.size).toBe(1);
  });

  it('goes on when a handler throws, and calls the others', async () => {
    const { clock, server, informer, changes, start } = setUp();
    informer.subscribe(() => {
      throw new Error('a bad handler');
    });
    void start();
    server.put('a', '1');
    await clock.settle();
    server.put('a', '2');
    await clock.settle();
    expect(changes).toEqual(['added a', 'updated a']);
  });

  it('tells a late subscriber of what is there, and no more after it left', async () => {
    const { clock, server, informer, start } = setUp();
    server.put('a', '1');
    void start();
    await clock.settle();
    const late: string[] = [];
    const leave = informer.subscribe((change) => late.push(`${change.kind} ${change.object.metadata.name}`));
    server.put('b', '1');
    await clock.settle();
    leave();
    server.put('c', '1');
    await clock.settle();
    expect(late).toEqual(['added a', 'added b']);
  });

  it('tells of everything again at each resync', async () => {
    const { clock, server, changes, start } = setUp({ resyncMs: 60_000 });
    server.put('a', '1');
    void start();
    await clock.advance(130_000);
    expect(changes).toEqual(['added a', 'updated a', 'updated a']);
  });

  it('finds objects by namespace and by index, as they are now', async () => {
    const { clock, server, informer, start } = setUp();
    server.put('a', 'x');
    server.put('b', 'x');
    void start();
    await clock.settle();
    server.put('a', 'y');
    server.remove('b');
    server.put('c', 'x');
    await clock.settle();
    const names = (objects: readonly Thing[]) => objects.map((object) => object.metadata.name);
    const { store } = informer;
    expect([names(store.byIndex('data', 'x')), names(store.byIndex('data', 'y'))]).toEqual([['c'], ['a']]);
    expect([names(store.list('default')), store.list('elsewhere')]).toEqual([['a', 'c'], []]);
    expect(() => store.byIndex('colour', 'x')).toThrow('no index "colour"');
  });

  it('does not lose an event that an index function could not take', async () => {
    const clock = new VirtualClock();
    const server = new ModelServer();
    let broken = true;
    const informer = createInformer<Thing>({
      client: createClient({ transport: server.transport, fieldManager: 'test', clock }),
      type: things,
      clock,
      random: seededRandom(7),
      logger: silentLogger,
      indexes: {
        data(thing) {
          if (broken && thing.data === 'odd') throw new Error('cannot index this');
          return [thing.data];
        },
      },
    });
    const seen: string[] = [];
    informer.subscribe(({ kind, object }) => seen.push(`${kind} ${object.metadata.name}`));
    void informer.run(new AbortController().signal);
    await clock.settle();
    server.put('a', 'odd');
    await clock.advance(60_000);
    broken = false;
    await clock.advance(40_000);
    expect(seen).toEqual(['added a']);
    expect(informer.store.byIndex('data', 'odd')).toHaveLength(1);
  });

  it('shares objects that cannot be changed', async () => {
    const { clock, server, informer, start } = setUp();
    server.put('a', '1');
    void start();
    await clock.settle();
    const object = informer.store.get('default/a');
    expect(() => {
      if (object !== undefined) object.metadata.name = 'b';
    }).toThrow(TypeError);
  });

  it('stops when told to, whatever it waits for', async () => {
    for (const fault of [undefined, 500, 'silent', 'refused'] as const) {
      const { clock, server, stop, start } = setUp();
      if (fault !== undefined) server.faults.push(fault);
      const running = start();
      await clock.settle();
      stop.abort();
      await running;
      await clock.settle();
      expect({ timers: clock.pending, watches: server.watches }).toEqual({ timers: 0, watches: 0 });
    }
  });

  it('counts lists, failures and objects', async () => {
    const { clock, server, start, metrics } = setUp();
    server.put('a', '1');
    server.faults.push(401, 'refused');
    void start();
    await clock.advance(10_000);
    const text = await metrics.metrics();
    expect(text).toContain('kube_informer_lists_total{resource="things"} 1');
    expect(text).toContain('kube_informer_failures_total{resource="things",reason="401"} 1');
    expect(text).toContain('kube_informer_failures_total{resource="things",reason="connection"} 1');
    expect(text).toContain('kube_informer_objects{resource="things"} 1');
  });
});
