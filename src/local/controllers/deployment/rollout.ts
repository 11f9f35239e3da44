import type { KubeObject } from '../../../kube/index.js';
import { resourceTypes } from '../../../kube/index.js';
import {
  controllerReference,
  type Deployment,
  type DeploymentStatus,
  type Draft,
  type ReplicaSet,
} from '../../objects/index.js';
import type { EventDraft, Write } from '../write.js';
import { annotateNewReplicaSet, annotateReplicas, REVISION, revisionOf } from './revision.js';
import { newSetSize, replicasOf } from './size.js';
import { hasProgressDeadline, newCondition, setCondition } from './status.js';
import { byCreation, findNewReplicaSet, HASH_LABEL, templateHash } from './template.js';

/** One decision in the making: copies that the steps change, and the writes that will make the changes real. */
export interface Rollout {
  readonly deployment: Deployment;
  /** Every ReplicaSet of the Deployment that existed before, oldest first. */
  readonly oldSets: ReplicaSet[];
  newSet: ReplicaSet | undefined;
  readonly writes: Write[];
  readonly events: EventDraft[];
  readonly now: number;
}

/** Starts from what was observed; nothing observed is changed. */
export function beginRollout(deployment: Deployment, sets: readonly ReplicaSet[], now: number): Rollout {
  const own = structuredClone(deployment);
  const copies = sets.map((set) => structuredClone(set)).sort(byCreation);
  const newSet = findNewReplicaSet(own.spec.template, copies);
  return {
    deployment: own,
    oldSets: copies.filter((set) => set !== newSet),
    newSet,
    writes: [],
    events: [],
    now,
  };
}

export function allSets(rollout: Rollout): ReplicaSet[] {
  return rollout.newSet === undefined ? rollout.oldSets : [...rollout.oldSets, rollout.newSet];
}

/** Gives the existing new set the newest revision, its annotations and minReadySeconds. */
export function syncRevision(rollout: Rollout): void {
  const { deployment, newSet } = rollout;
  if (newSet === undefined) return;
  const changed = annotateNewReplicaSet(deployment, newSet, nextRevision(rollout));
  const minReady = deployment.spec.minReadySeconds ?? 0;
  if (changed || (newSet.spec.minReadySeconds ?? 0) !== minReady) {
    if (minReady > 0) newSet.spec.minReadySeconds = minReady;
    else delete newSet.spec.minReadySeconds;
    writeSet(rollout, newSet);
  }
  setRevision(rollout, String(revisionOf(newSet)));
  const status = statusOf(deployment);
  if (hasProgressDeadline(deployment) && !status.conditions?.some(({ type }) => type === 'Progressing')) {
    const text = {
      reason: 'FoundNewReplicaSet',
      message: `Found new replica set "${newSet.metadata.name}"`,
    };
    setCondition(status, newCondition('Progressing', 'True', text, rollout.now));
  }
}

/** Makes a ReplicaSet for the template, at the size the strategy allows now. */
export function createNewSet(rollout: Rollout): void {
  const { deployment } = rollout;
  const set = draftSet(deployment);
  const size = newSetSize(deployment, [...rollout.oldSets, set], 0);
  set.spec.replicas = size;
  annotateNewReplicaSet(deployment, set, nextRevision(rollout));
  annotateReplicas(deployment, set);
  rollout.writes.push({
    verb: 'create',
    type: resourceTypes.replicaSets,
    object: set as unknown as Draft<KubeObject>,
  });
  rollout.newSet = set;
  const { name } = set.metadata;
  if (size > 0) announce(rollout, `Scaled up replica set ${name} from 0 to ${size}`);
  setRevision(rollout, String(revisionOf(set)));
  if (!hasProgressDeadline(deployment)) return;
  const text = { reason: 'NewReplicaSetCreated', message: `Created new replica set "${name}"` };
  setCondition(statusOf(deployment), newCondition('Progressing', 'True', text, rollout.now));
}

/** Sets the size and the size annotations. True when the size changed, which ends this round of the rollout. */
export function scaleSet(rollout: Rollout, set: ReplicaSet, size: number): boolean {
  const before = replicasOf(set);
  const annotated = annotateReplicas(rollout.deployment, set);
  if (before === size && !annotated) return false;
  set.spec.replicas = size;
  writeSet(rollout, set);
  if (before === size) return false;
  const direction = size > before ? 'up' : 'down';
  announce(rollout, `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${size}`);
  return true;
}

export function statusOf(deployment: Deployment): DeploymentStatus {
  const status = (deployment.status ??= {});
  status.conditions ??= [];
  return status;
}

function writeSet(rollout: Rollout, set: ReplicaSet): void {
  const known = rollout.writes.some((write) => 'object' in write && (write.object as unknown) === set);
  if (!known) rollout.writes.push({ verb: 'update', type: resourceTypes.replicaSets, object: set });
}

function announce(rollout: Rollout, message: string): void {
  rollout.events.push({ type: 'Normal', reason: 'ScalingReplicaSet', message });
}

function nextRevision(rollout: Rollout): number {
  return Math.max(0, ...rollout.oldSets.map(revisionOf)) + 1;
}

function setRevision(rollout: Rollout, revision: string): void {
  const { metadata } = rollout.deployment;
  if (metadata.annotations?.[REVISION] === revision) return;
  metadata.annotations = { ...metadata.annotations, [REVISION]: revision };
  rollout.writes.push({
    verb: 'patch',
    type: resourceTypes.deployments,
    namespace: metadata.namespace,
    name: metadata.name,
    body: { metadata: { annotations: { [REVISION]: revision } } },
  });
}

function draftSet(deployment: Deployment): ReplicaSet {
  const template = structuredClone(deployment.spec.template);
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  template.metadata = { ...template.metadata, labels };
  const selector = structuredClone(deployment.spec.selector);
  selector.matchLabels = { ...selector.matchLabels, [HASH_LABEL]: hash };
  const minReady = deployment.spec.minReadySeconds ?? 0;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels: { ...labels },
      annotations: {},
      ownerReferences: [controllerReference(deployment)],
    },
    spec: { replicas: 0, selector, template, ...(minReady > 0 ? { minReadySeconds: minReady } : {}) },
  };
}
