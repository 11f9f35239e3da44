/** Why pods do not get ready, in words that say what to do. */
import { CONTAINER_NAME, type Reason } from '../../api/index.js';
import { formatProblem } from '../../base/index.js';
import type { ContainerStatus, ObservedDeployment, ObservedPod, Terminated } from './observed.js';
import { lastLine, podReport, reasonOfCode } from './podReport.js';

export interface Diagnosis {
  readonly reason: Reason;
  readonly message: string;
  /** Nothing goes on by itself: somebody has to act. */
  readonly terminal: boolean;
}

/** Ends after which a container is taken for one that never stays up. */
const CRASH_LOOP_ENDS = 3;
/** A container that ran longer before it ended has not failed to come up; the kubelet forgives it then, too. */
const STAYED_UP_MS = 600_000;

const PULL_FAILURES = new Set([
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
]);
const CREATE_FAILURES = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

/** The gravest problem of the pods; of equal ones, that of the pod first by name. */
export function diagnosePods(pods: readonly ObservedPod[]): Diagnosis | undefined {
  const found = [...pods]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map(diagnosePod)
    .filter((diagnosis) => diagnosis !== undefined);
  return found.find((diagnosis) => diagnosis.terminal) ?? found[0];
}

/** Pods that cannot even be made: what the Deployment says of its ReplicaSet. */
export function diagnoseDeployment(deployment: ObservedDeployment): Diagnosis | undefined {
  const failure = deployment.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (failure?.status !== 'True') return undefined;
  const message = failure.message ?? 'no pod can be created';
  return message.includes('exceeded quota')
    ? transient('QuotaExceeded', `${message}; raise the quota or lower spec.resources.requests`)
    : transient('PodsRefused', `${message}; the namespace must admit the pods`);
}

function diagnosePod(pod: ObservedPod): Diagnosis | undefined {
  if (isReady(pod)) return undefined;
  const container = pod.status?.containerStatuses?.find(({ name }) => name === CONTAINER_NAME);
  return container === undefined ? diagnoseScheduling(pod) : diagnoseContainer(pod.metadata.name, container);
}

export function isReady(pod: ObservedPod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function diagnoseScheduling(pod: ObservedPod): Diagnosis | undefined {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  const why = scheduled.message ?? 'no node fits';
  return transient(
    'Unschedulable',
    `pod ${pod.metadata.name}: ${why}; add a node or lower spec.resources.requests`,
  );
}

function diagnoseContainer(pod: string, container: ContainerStatus): Diagnosis | undefined {
  const waiting = container.state?.waiting;
  const why = waiting?.message ?? waiting?.reason ?? '';
  if (waiting?.reason === 'ErrImagePull' || PULL_FAILURES.has(waiting?.reason ?? '')) {
    const message = `pod ${pod}: ${why}; check the name and pull secrets in spec.source.image`;
    // The first failure may be a registry out of breath; the kubelet tries again before it backs off.
    return { reason: 'ImagePullFailed', message, terminal: waiting?.reason !== 'ErrImagePull' };
  }
  if (CREATE_FAILURES.has(waiting?.reason ?? '')) {
    return terminal('ContainerConfigError', `pod ${pod}: ${why}; make what is missing or correct the spec`);
  }
  const ended = container.state?.terminated ?? container.lastState?.terminated;
  return ended === undefined ? undefined : diagnoseEnd(pod, container, ended);
}

function diagnoseEnd(pod: string, container: ContainerStatus, ended: Terminated): Diagnosis {
  const report = podReport(ended);
  if (report !== undefined) {
    return terminal(reasonOfCode(report.code), `pod ${pod}: ${formatProblem(report)}`);
  }
  const repeated = isCrashLoop(container, ended);
  if (ended.reason === 'OOMKilled') {
    const message = `pod ${pod} was killed at its memory limit; raise spec.resources.limits.memory`;
    return { reason: 'OutOfMemory', message, terminal: repeated };
  }
  const line = lastLine(ended);
  const said = line === '' ? '' : `, saying "${line}"`;
  const message = `pod ${pod} ended with exit code ${ended.exitCode}${said}; see kubectl logs ${pod} --previous`;
  return repeated ? terminal('CrashLoop', message) : transient('PodRestarting', message);
}

function isCrashLoop({ restartCount = 0, state }: ContainerStatus, ended: Terminated): boolean {
  const ends = restartCount + (state?.running === undefined ? 1 : 0);
  const ranMs = Date.parse(ended.finishedAt ?? '') - Date.parse(ended.startedAt ?? '');
  return ends >= CRASH_LOOP_ENDS && !(ranMs > STAYED_UP_MS);
}

function terminal(reason: Reason, message: string): Diagnosis {
  return { reason, message, terminal: true };
}

function transient(reason: Reason, message: string): Diagnosis {
  return { reason, message, terminal: false };
}
