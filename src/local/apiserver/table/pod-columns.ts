/** `kubectl get pods`: printPod of k8s.io/kubernetes/pkg/printers. */
import type { KubeObject } from '../../../kube/index.js';
import { objectAt, type JsonObject } from '../json.js';
import { AGE, column, NAME, NONE, orNone, type ColumnSpec } from './column.js';
import { ageOf } from './duration.js';
import { integer, objects, part, text } from './read.js';

export const POD_COLUMNS: readonly ColumnSpec[] = [
  NAME,
  column('Ready', (pod) => {
    const { ready, total } = summarize(pod);
    return `${ready}/${total}`;
  }),
  column('Status', (pod) => summarize(pod).reason),
  column('Restarts', (pod, now) => restartsCell(summarize(pod), now), { type: 'integer' }),
  AGE,
  column('IP', (pod) => orNone(podIP(part(pod, 'status'))), { wide: true }),
  column('Node', (pod) => orNone(text(part(pod, 'spec'), 'nodeName')), { wide: true }),
  column('Nominated Node', (pod) => orNone(text(part(pod, 'status'), 'nominatedNodeName')), { wide: true }),
  column('Readiness Gates', readinessGates, { wide: true }),
];

interface Restarts {
  count: number;
  /** RFC 3339 time of the latest end of a container, or '' when none is known. */
  last: string;
}

interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: Restarts;
}

/** A number, or `3 (2m ago)` when the containers' statuses tell when the last one ended. */
function restartsCell({ restarts }: PodSummary, now: number): number | string {
  if (restarts.count === 0 || restarts.last === '') return restarts.count;
  return `${restarts.count} (${ageOf(restarts.last, now)} ago)`;
}

function summarize(pod: KubeObject): PodSummary {
  const spec = part(pod, 'spec');
  const status = part(pod, 'status');
  const sidecars = new Set(
    objects(spec, 'initContainers')
      .filter((container) => container['restartPolicy'] === 'Always')
      .map((container) => text(container, 'name')),
  );
  const init = summarizeInit(spec, status, sidecars);
  let { ready, restarts } = init;
  let reason = init.reason ?? phaseReason(status);
  if (init.reason === undefined || isTrue(status, 'Initialized')) {
    const main = summarizeMain(status, reason);
    reason = main.reason;
    ready += main.ready;
    restarts = addRestarts(init.sidecarRestarts, main.restarts);
  }
  return {
    ready,
    total: objects(spec, 'containers').length + sidecars.size,
    reason: deletionReason(pod, status) ?? reason,
    restarts,
  };
}

function phaseReason(status: JsonObject): string {
  const gated = objects(status, 'conditions').some(
    (condition) => condition['type'] === 'PodScheduled' && condition['reason'] === 'SchedulingGated',
  );
  if (gated) return 'SchedulingGated';
  return text(status, 'reason') || text(status, 'phase');
}

function deletionReason(pod: KubeObject, status: JsonObject): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined;
  if (status['reason'] === 'NodeLost') return 'Unknown';
  return status['phase'] === 'Succeeded' || status['phase'] === 'Failed' ? undefined : 'Terminating';
}

interface InitSummary {
  readonly ready: number;
  /** Set while an init container has not done its work. */
  readonly reason?: string;
  readonly restarts: Restarts;
  readonly sidecarRestarts: Restarts;
}

function summarizeInit(spec: JsonObject, status: JsonObject, sidecars: ReadonlySet<string>): InitSummary {
  let ready = 0;
  const restarts: Restarts = { count: 0, last: '' };
  const sidecarRestarts: Restarts = { count: 0, last: '' };
  for (const [i, container] of objects(status, 'initContainerStatuses').entries()) {
    countRestarts(restarts, container);
    const sidecar = sidecars.has(text(container, 'name'));
    if (sidecar) countRestarts(sidecarRestarts, container);
    const terminated = objectAt(objectAt(container, 'state'), 'terminated');
    if (terminated !== undefined && integer(terminated, 'exitCode') === 0) continue;
    if (sidecar && container['started'] === true) {
      if (container['ready'] === true) ready++;
      continue;
    }
    const progress = `${i}/${objects(spec, 'initContainers').length}`;
    const reason = `Init:${initReason(container, terminated) ?? progress}`;
    return { ready, reason, restarts, sidecarRestarts };
  }
  return { ready, restarts, sidecarRestarts };
}

function initReason(container: JsonObject, terminated: JsonObject | undefined): string | undefined {
  if (terminated !== undefined) return terminationReason(terminated);
  const waiting = text(part(container, 'state.waiting'), 'reason');
  return waiting === '' || waiting === 'PodInitializing' ? undefined : waiting;
}

function terminationReason(terminated: JsonObject): string {
  const reason = text(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = integer(terminated, 'signal');
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${integer(terminated, 'exitCode')}`;
}

/** The containers from last to first, so that the first one's trouble names the pod's. */
function summarizeMain(
  status: JsonObject,
  before: string,
): { ready: number; reason: string; restarts: Restarts } {
  let reason = before;
  let ready = 0;
  const restarts: Restarts = { count: 0, last: '' };
  for (const container of objects(status, 'containerStatuses').reverse()) {
    countRestarts(restarts, container);
    const state = part(container, 'state');
    const terminated = objectAt(state, 'terminated');
    const waiting = text(part(state, 'waiting'), 'reason');
    if (waiting !== '') reason = waiting;
    else if (terminated !== undefined) reason = terminationReason(terminated);
    else if (container['ready'] === true && objectAt(state, 'running') !== undefined) ready++;
  }
  if (reason === 'Completed' && ready > 0) reason = isTrue(status, 'Ready') ? 'Running' : 'NotReady';
  return { ready, reason, restarts };
}

function countRestarts(restarts: Restarts, container: JsonObject): void {
  restarts.count += integer(container, 'restartCount');
  const ended = text(part(container, 'lastState.terminated'), 'finishedAt');
  if (ended > restarts.last) restarts.last = ended;
}

function addRestarts(a: Restarts, b: Restarts): Restarts {
  return { count: a.count + b.count, last: a.last > b.last ? a.last : b.last };
}

function isTrue(status: JsonObject, condition: string): boolean {
  return objects(status, 'conditions').some(
    (each) => each['type'] === condition && each['status'] === 'True',
  );
}

function podIP(status: JsonObject): string {
  const [first] = objects(status, 'podIPs');
  return first === undefined ? text(status, 'podIP') : text(first, 'ip');
}

function readinessGates(pod: KubeObject): string {
  const gates = objects(part(pod, 'spec'), 'readinessGates');
  if (gates.length === 0) return NONE;
  const status = part(pod, 'status');
  const passed = gates.filter((gate) => isTrue(status, text(gate, 'conditionType')));
  return `${passed.length}/${gates.length}`;
}
