import type { Deployment, ReplicaSet } from '../../objects/index.js';
import { maxSurge } from './size.js';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Not copied from a Deployment to its ReplicaSets. */
const OWN_ANNOTATIONS = new Set([
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  LAST_APPLIED,
  'deprecated.deployment.rollback.to',
]);
const HISTORY_LIMIT = 2000;

export function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** Writes the revision, its history and the Deployment's annotations into the set. True when something changed. */
export function annotateNewReplicaSet(deployment: Deployment, set: ReplicaSet, revision: number): boolean {
  const annotations = (set.metadata.annotations ??= {});
  let changed = false;
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (OWN_ANNOTATIONS.has(key) || annotations[key] === value) continue;
    annotations[key] = value;
    changed = true;
  }
  const old = annotations[REVISION];
  if (revisionOf(set) >= revision) return changed;
  annotations[REVISION] = String(revision);
  if (old !== undefined && old !== '') {
    const history = [annotations[REVISION_HISTORY], old].filter((part) => part !== undefined).join(',');
    if (history.length <= HISTORY_LIMIT) annotations[REVISION_HISTORY] = history;
  }
  return true;
}

/** Writes how many replicas the Deployment wants and may have at most; proportional scaling reads them back. */
export function annotateReplicas(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = deployment.spec.replicas ?? 1;
  const wanted = {
    [DESIRED_REPLICAS]: String(desired),
    [MAX_REPLICAS]: String(desired + maxSurge(deployment)),
  };
  const annotations = (set.metadata.annotations ??= {});
  const changed = Object.entries(wanted).some(([key, value]) => annotations[key] !== value);
  Object.assign(annotations, wanted);
  return changed;
}

export function annotatedNumber(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  return Number(text);
}
