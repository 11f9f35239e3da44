import fc from 'fast-check';
import { seededRandom, silentLogger } from '../../../src/base/index.js';
import { type Change, createClient, createInformer, objectKey } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { ModelServer, type RequestFault, type Thing } from '../modelServer.js';

const things = { group: '', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
/** Longer than a watch may live and its grace: a mute connection is given up within it. */
const LONG_ENOUGH_MS = 20 * 60_000;

interface Step {
  readonly about: string;
  run(server: ModelServer): void;
}

const name = fc.constantFrom('anna', 'bödö', '北京', 'dora', 'emil');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name, data: fc.string({ unit: 'grapheme', maxLength: 8 }) }).map(put) },
  { weight: 3, arbitrary: name.map(remove) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step>(
      { about: 'bookmark', run: (s) => s.bookmark() },
      { about: 'compact', run: (s) => s.compact() },
      { about: 'end', run: (s) => s.endWatches() },
      { about: 'break', run: (s) => s.breakWatches() },
      { about: 'truncate', run: (s) => s.truncateWatches() },
      { about: 'garbage', run: (s) => s.garbageOnWatches() },
      { about: 'ERROR 410', run: (s) => s.errorOnWatches(410, 'Expired') },
      { about: 'ERROR 500', run: (s) => s.errorOnWatches(500, 'InternalError') },
      { about: 'mute', run: (s) => s.muteWatches() },
      { about: 'old event', run: (s) => s.repeatOldEvent() },
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom<RequestFault>(500, 401, 429, 410, 'refused', 'silent'), {
        minLength: 1,
        maxLength: 8,
      })
      .map((faults) => ({
        about: `faults ${faults.join()}`,
        run: (s: ModelServer) => s.faults.push(...faults),
      })),
  },
);

function remove(which: string): Step {
  return { about: `remove ${which}`, run: (server) => server.remove(which) };
}

function put({ name: which, data }: { name: string; data: string }): Step {
  return { about: `put ${which} ${data}`, run: (server) => server.put(which, data) };
}

const history = fc.array(fc.record({ step, thenMs: fc.constantFrom(0, 0, 1, 50, 900, 5_000, 40_000) }), {
  maxLength: 30,
});

describe('an informer, whatever happens to its connections', () => {
  it('ends up with the server\u2019s state, and its changes replay to it', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.constantFrom(0, 1, 7), async (steps, seed, chunkBytes) => {
        const clock = new VirtualClock();
        const random = seededRandom(seed);
        const server = new ModelServer();
        server.chunkBytes = chunkBytes;
        server.put('first', 'there from the start');
        const client = createClient({ transport: server.transport, fieldManager: 'test', clock });
        const informer = createInformer<Thing>({ client, type: things, clock, random, logger: silentLogger });
        const replayed = new Map<string, Thing>();
        informer.subscribe((change) => replay(replayed, change));
        const stop = new AbortController();
        const running = informer.run(stop.signal);
        for (const { step: what, thenMs } of steps) {
          what.run(server);
          await clock.advance(thenMs);
        }
        server.faults.length = 0;
        await clock.advance(LONG_ENOUGH_MS);
        const truth = sorted([...server.objects.values()]);
        expect(sorted(informer.store.list())).toEqual(truth);
        expect(sorted([...replayed.values()])).toEqual(truth);
        // It may just be waiting between two watches.
        await clock.advanceUntil(() => server.watches === 1, 60_000);
        stop.abort();
        await running;
        await clock.settle();
        expect({ timers: clock.pending, watches: server.watches }).toEqual({ timers: 0, watches: 0 });
      }),
      { numRuns: 150 },
    );
  });
});

/** Takes a change in as a strict reader would: one that does not fit what came before is an error. */
function replay(known: Map<string, Thing>, { kind, object, previous }: Change<Thing>): void {
  const key = objectKey(object);
  const before = known.get(key);
  expect(before === undefined).toBe(kind === 'added');
  if (kind === 'updated') expect(before).toBe(previous);
  if (kind === 'deleted') known.delete(key);
  else known.set(key, object);
}

function sorted(objects: readonly Thing[]): Thing[] {
  return [...objects].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}
