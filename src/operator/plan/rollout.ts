/** How far the Deployment has come with what is wanted now. */
import { ANNOTATIONS } from '../../api/index.js';
import { isReady } from './diagnosis.js';
import type { ObservedDeployment, ObservedPod } from './observed.js';

export interface Rollout {
  /** The Deployment's controller has seen what is wanted, so its counts are about it. */
  readonly current: boolean;
  readonly wanted: number;
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  /** No pod is missing, none is left over, and all of them have the wanted template. */
  readonly replaced: boolean;
  readonly deadlineExceeded: boolean;
  /** Pods of the wanted template, without those that are going. */
  readonly pods: readonly ObservedPod[];
  /** Those of them that are ready. */
  readonly readyPods: readonly ObservedPod[];
}

export function rolloutOf(
  target: ObservedDeployment | undefined,
  observed: ObservedDeployment | undefined,
  pods: readonly ObservedPod[],
): Rollout {
  const template = templateHash(target);
  const wanted = target?.spec?.replicas ?? observed?.spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas: updated = 0, readyReplicas: ready = 0 } = observed?.status ?? {};
  const current =
    observed !== undefined &&
    templateHash(observed) === template &&
    observed.spec?.replicas === wanted &&
    (observed.status?.observedGeneration ?? 0) >= (observed.metadata.generation ?? 0);
  const alive = pods.filter(
    (pod) => isAlive(pod) && pod.metadata.annotations?.[ANNOTATIONS.template] === template,
  );
  return {
    current,
    wanted,
    replicas,
    updated,
    ready,
    replaced: current && updated === wanted && replicas === wanted,
    deadlineExceeded: current && hasExceededDeadline(observed),
    pods: alive,
    readyPods: alive.filter(isReady),
  };
}

function templateHash(deployment: ObservedDeployment | undefined): string | undefined {
  return deployment?.spec?.template?.metadata?.annotations?.[ANNOTATIONS.template];
}

function hasExceededDeadline(deployment: ObservedDeployment): boolean {
  const progressing = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  return progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded';
}

function isAlive(pod: ObservedPod): boolean {
  const phase = pod.status?.phase;
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Failed' && phase !== 'Succeeded';
}
