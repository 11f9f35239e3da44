/** Waits for the ModelDeployments of a cluster, telling how far they are. */
import { connect } from 'node:tls';
import { HEALTH_PATHS, type ModelDeployment } from '../../api/index.js';
import { type Clock, sleep, withinTime } from '../../base/index.js';
import type { Client } from '../../kube/index.js';
import { modelDeployments } from '../../operator/index.js';

function condition(model: ModelDeployment, type: string) {
  return model.status?.conditions?.find((candidate) => candidate.type === type);
}

/** Ready, or stalled: waiting longer changes nothing. */
function isSettled(model: ModelDeployment): boolean {
  if (model.status?.observedGeneration !== model.metadata.generation) return false;
  return condition(model, 'Ready')?.status === 'True' || condition(model, 'Stalled')?.status === 'True';
}

function wantedPods({ spec }: ModelDeployment): number {
  return spec.autoscaling?.minReplicas ?? spec.replicas ?? 1;
}

function describe(models: Iterable<ModelDeployment>): string {
  const parts = [...models].map(
    (model) => `${model.metadata.name} ${model.status?.readyReplicas ?? 0}/${wantedPods(model)}`,
  );
  return `waiting for the models: ${parts.join(', ')}`;
}

/** Little beside the start of a process, and the cluster is in this one: a list costs less than a millisecond. */
const POLL_MS = 50;
/** A server that is starting or ending may take a connection and never answer on it. */
const ANSWER_MS = 1_000;

/** Whether the model's URL answers now: after a restart, a status may speak of processes that are no more. */
async function answers(model: ModelDeployment, { clock, signal }: Waiting): Promise<boolean> {
  if (condition(model, 'Ready')?.status !== 'True' || wantedPods(model) === 0) return true;
  const { url } = model.status ?? {};
  if (url === undefined) return false;
  const ask = url.startsWith('https:') ? shakesHands : isWell;
  // Not AbortSignal.timeout: within AbortSignal.any, Node 20 lets go of its timer, and it never fires.
  const over = new AbortController();
  const answered = await withinTime(ask(url, AbortSignal.any([signal, over.signal])), clock, ANSWER_MS);
  over.abort();
  return answered === true;
}

function isWell(url: string, signal: AbortSignal): Promise<boolean> {
  // A connection kept alive would hold up the pod when it is to stop.
  return fetch(`${url}${HEALTH_PATHS.ready}`, { headers: { connection: 'close' }, signal }).then(
    // Where a token is needed, there is none here.
    ({ status }) => status === 200 || status === 401,
    () => false,
  );
}

/** With TLS, who signed the certificate, and whether it wants one of its clients, says nothing of whether it answers. */
function shakesHands(url: string, signal: AbortSignal): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
    signal.addEventListener('abort', () => end(false), { once: true });
  });
}

export interface Waiting {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told how far the models are. */
  readonly tell: (text: string) => void;
}

/**
 * Resolves with every ModelDeployment once each is stalled, or ready with a URL that answers; with what there is when the
 * signal aborts.
 */
export async function awaitReady(waiting: Waiting): Promise<ModelDeployment[]> {
  const { client, clock, signal, tell } = waiting;
  for (;;) {
    const { items } = await client.list<ModelDeployment>(modelDeployments, {});
    const isDone =
      items.every(isSettled) &&
      (await Promise.all(items.map((model) => answers(model, waiting)))).every(Boolean);
    if (signal.aborted || isDone) return items;
    tell(describe(items));
    await sleep(clock, POLL_MS, signal);
  }
}
