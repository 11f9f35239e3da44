import type { Clock } from '../../src/base/index.js';
import { type Client, createInformer, type KubeObject, resourceTypes } from '../../src/kube/index.js';
import { seededRandom, silentLogger } from '../../src/base/index.js';

/** What becomes of a pod: it gets ready, or its container ends over and over with these last words. */
export type Fate = { readonly ready: true } | { readonly ready: false; readonly lastWords: string };

export interface SimulatedNodeOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** How long a container takes to start, in milliseconds. */
  readonly startMs: number;
  readonly fateOf: (pod: KubeObject) => Fate;
}

/** A kubelet without containers: it writes the status a node would write for each pod, and lets deleted pods go. */
export async function runSimulatedNode(options: SimulatedNodeOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, startMs } = options;
  const pods = createInformer({
    client,
    clock,
    type: resourceTypes.pods,
    random: seededRandom(11),
    logger: silentLogger,
  });
  const started = new Set<string>();
  pods.subscribe(({ kind, object }) => {
    const { uid = '', deletionTimestamp } = object.metadata;
    if (kind === 'deleted') return;
    if (deletionTimestamp !== undefined) void letGo(client, object);
    else if (!started.has(uid)) {
      started.add(uid);
      clock.schedule(startMs, () => void writeStatus(options, object));
    }
  });
  await pods.run(signal);
}

async function letGo(client: Client, { metadata }: KubeObject): Promise<void> {
  const { name, namespace } = metadata;
  await client
    .delete(resourceTypes.pods, { name, namespace }, { gracePeriodSeconds: 0 })
    .catch(() => undefined);
}

async function writeStatus({ client, clock, fateOf }: SimulatedNodeOptions, pod: KubeObject): Promise<void> {
  const { name, namespace } = pod.metadata;
  const fate = fateOf(pod);
  const since = new Date(clock.now()).toISOString();
  const condition = (type: string) => ({
    type,
    status: fate.ready ? 'True' : 'False',
    lastTransitionTime: since,
  });
  const container = fate.ready
    ? { restartCount: 0, state: { running: { startedAt: since } } }
    : {
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error', message: fate.lastWords } },
      };
  const status = {
    phase: 'Running',
    conditions: [condition('Ready'), condition('ContainersReady')],
    containerStatuses: [
      { name: 'server', image: 'gantry', imageID: '', ready: fate.ready, started: fate.ready, ...container },
    ],
  };
  await client
    .patch(resourceTypes.pods, { name, namespace }, { status }, { type: 'merge', subresource: 'status' })
    .catch(() => undefined);
}
