import { messageOf } from '../../../base/index.js';
import { controllerOf, isAlreadyExists, resourceTypes } from '../../../kube/index.js';
import type { Deployment, ReplicaSet } from '../../objects/index.js';
import { applyWrite } from '../apply.js';
import type { ControllerContext } from '../context.js';
import { statusPatch } from '../write.js';
import { newCondition, setCondition } from './status.js';
import { sameTemplate } from './template.js';

export interface RefusedSet {
  readonly deployment: Deployment;
  /** What the API server did not create. */
  readonly set: ReplicaSet;
  readonly error: unknown;
}

/**
 * Puts into the Deployment's status why its ReplicaSet was not created. A name taken by a set with another template is a
 * hash collision: the collision count goes up, and with it the next name changes. Anything else is told in Progressing.
 */
export async function noteRefusedSet(
  { client, clock }: ControllerContext,
  { deployment, set, error }: RefusedSet,
): Promise<void> {
  const status = structuredClone(deployment.status ?? {});
  status.conditions ??= [];
  if (isAlreadyExists(error)) {
    const { namespace, name } = set.metadata;
    const existing = await client.get<ReplicaSet>(resourceTypes.replicaSets, { namespace, name });
    const isOurs = controllerOf(existing)?.uid === deployment.metadata.uid;
    if (isOurs && sameTemplate(existing.spec.template, deployment.spec.template)) return;
    status.collisionCount = (status.collisionCount ?? 0) + 1;
  } else {
    const message = `Failed to create new replica set "${set.metadata.name}": ${messageOf(error)}`;
    const text = { reason: 'ReplicaSetCreateError', message };
    setCondition(status, newCondition('Progressing', 'False', text, clock.now()));
  }
  const patch = statusPatch(resourceTypes.deployments, deployment, deployment.status, status);
  if (patch !== undefined) await applyWrite(client, patch);
}
