import { seededRandom, silentLogger } from '../../../src/base/index.js';
import { createMetricsRegistry } from '../../../src/base/metrics/index.js';
import {
  type ApiRequest,
  createClient,
  createEventRecorder,
  type KubeObject,
} from '../../../src/kube/index.js';
import { type Answer, failure, ScriptedTransport } from '../../support/scriptedTransport.js';
import { VirtualClock } from '../../support/virtualClock.js';

interface StoredEvent extends KubeObject {
  count: number;
  message: string;
  reason: string;
  lastTimestamp: string;
}

/** Keeps events as an API server does; `before` may answer in its place. */
function setUp(before: (request: ApiRequest) => Answer | undefined = () => undefined) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1, 12));
  const stored = new Map<string, StoredEvent>();
  const transport = new ScriptedTransport(async (request): Promise<Answer> => {
    const early = before(request);
    if (early !== undefined) return early;
    const body = JSON.parse(String(request.body)) as StoredEvent;
    if (request.method === 'POST') {
      if (stored.has(body.metadata.name)) return failure(409, 'AlreadyExists');
      stored.set(body.metadata.name, body);
      return { status: 201, body };
    }
    const name = request.path.split('?')[0]?.split('/').at(-1) ?? '';
    const known = stored.get(name);
    if (known === undefined) return failure(404, 'NotFound');
    stored.set(name, { ...known, ...body });
    return { body: known };
  });
  const metrics = createMetricsRegistry();
  const recorder = createEventRecorder({
    client: createClient({ transport, fieldManager: 'test', clock }),
    component: 'tester',
    instance: 'tester-0',
    clock,
    random: seededRandom(3),
    logger: silentLogger,
    metrics,
  });
  const events = () => [...stored.values()];
  return { clock, stored, events, transport, recorder, metrics };
}

function pod(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '7' },
  };
}

describe('the event recorder', () => {
  it('writes an event that names its object, its reporter and its time', async () => {
    const { events, recorder, transport } = setUp();
    recorder.event(pod('a'), 'Warning', 'BackOff', 'restarting failed container');
    await recorder.flush();
    expect(transport.calls).toEqual(['POST /api/v1/namespaces/shop/events']);
    expect(events()).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^a\.[0-9a-f]{16}$/), namespace: 'shop' },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'Pod',
          namespace: 'shop',
          name: 'a',
          uid: 'uid-a',
          resourceVersion: '7',
        },
        type: 'Warning',
        reason: 'BackOff',
        message: 'restarting failed container',
        count: 1,
        firstTimestamp: '2026-01-01T12:00:00Z',
        lastTimestamp: '2026-01-01T12:00:00Z',
        source: { component: 'tester' },
        reportingComponent: 'tester',
        reportingInstance: 'tester-0',
      },
    ]);
  });

  it('keeps events about cluster-scoped objects in the default namespace', async () => {
    const { recorder, transport } = setUp();
    recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, 'Normal', 'Starting', 'up');
    await recorder.flush();
    expect(transport.calls).toEqual(['POST /api/v1/namespaces/default/events']);
  });

  it('raises the count of an event that happens again', async () => {
    const { clock, events, recorder } = setUp();
    for (let turn = 0; turn < 3; turn++) {
      recorder.event(pod('a'), 'Normal', 'Pulled', 'image is there');
      await recorder.flush();
      await clock.advance(60_000);
    }
    expect(events()).toMatchObject([{ count: 3, lastTimestamp: '2026-01-01T12:02:00Z' }]);
  });

  it('writes what happened many times before it could be written once', async () => {
    const { events, recorder, transport } = setUp();
    for (let turn = 0; turn < 20; turn++) recorder.event(pod('a'), 'Normal', 'Pulled', 'image is there');
    await recorder.flush();
    expect([transport.calls.length, events()[0]?.count]).toEqual([1, 20]);
  });

  it('combines events that differ in their message alone when there are many', async () => {
    const { events, recorder } = setUp();
    for (let turn = 0; turn < 14; turn++) recorder.event(pod('a'), 'Warning', 'Failed', `attempt ${turn}`);
    await recorder.flush();
    expect(events()).toHaveLength(11);
    expect(events().at(-1)).toMatchObject({
      count: 4,
      message: '(combined from similar events): attempt 13',
    });
  });

  it('says less about an object of which there is too much to say, and as much as ever of others', async () => {
    const { clock, events, recorder, metrics } = setUp();
    for (let turn = 0; turn < 40; turn++) recorder.event(pod('noisy'), 'Normal', `Reason${turn}`, 'text');
    recorder.event(pod('quiet'), 'Normal', 'Reason', 'text');
    await recorder.flush();
    expect(events()).toHaveLength(26);
    expect(await metrics.metrics()).toContain('kube_event_recorder_events_total{result="filtered"} 15');
    await clock.advance(300_000);
    recorder.event(pod('noisy'), 'Normal', 'Later', 'text');
    await recorder.flush();
    expect(events().at(-1)?.reason).toBe('Later');
  });

  it('writes an event anew when the server has forgotten it', async () => {
    const { events, stored, recorder } = setUp();
    recorder.event(pod('a'), 'Normal', 'Pulled', 'image is there');
    await recorder.flush();
    stored.clear();
    recorder.event(pod('a'), 'Normal', 'Pulled', 'image is there');
    await recorder.flush();
    expect(events()).toMatchObject([{ count: 2 }]);
  });

  it('tries again while the server is away, and writes in the end', async () => {
    let away = true;
    const { clock, events, recorder } = setUp(() => {
      if (away) throw new Error('connect ECONNREFUSED');
      return undefined;
    });
    recorder.event(pod('a'), 'Normal', 'Pulled', 'image is there');
    await clock.advance(20_000);
    away = false;
    await clock.advance(30_000);
    await recorder.flush();
    expect(events()).toHaveLength(1);
  });

  it('drops an event that the server refuses, and goes on with the next', async () => {
    let refusals = 1;
    const { events, recorder, metrics } = setUp(() =>
      refusals-- > 0 ? failure(403, 'Forbidden', 'namespace is being terminated') : undefined,
    );
    recorder.event(pod('a'), 'Normal', 'Pulled', 'image is there');
    recorder.event(pod('b'), 'Normal', 'Pulled', 'image is there');
    await recorder.flush();
    expect(events()).toMatchObject([{ involvedObject: { name: 'b' } }]);
    expect(await metrics.metrics()).toContain('kube_event_recorder_events_total{result="dropped"} 1');
  });

  it('holds a bounded number of events while nothing can be written', async () => {
    const { clock, recorder, metrics } = setUp(() => {
      throw new Error('connect ECONNREFUSED');
    });
    for (let turn = 0; turn < 1_500; turn++) recorder.event(pod(`p${turn}`), 'Normal', 'Pulled', 'there');
    await clock.settle();
    expect(await metrics.metrics()).toContain('kube_event_recorder_events_total{result="dropped"} 500');
    recorder.close();
    await recorder.flush();
    expect(clock.pending).toBe(0);
  });

  it('never throws, whatever it is given', async () => {
    const { recorder } = setUp();
    expect(() => recorder.event({} as KubeObject, 'Normal', 'Odd', 'no object')).not.toThrow();
    await recorder.flush();
  });

  it('cuts a message to what an event may hold', async () => {
    const { events, recorder } = setUp();
    recorder.event(pod('a'), 'Normal', 'Long', 'x'.repeat(5_000));
    await recorder.flush();
    expect(events()[0]?.message.length).toBeLessThanOrEqual(1_024);
  });
});
