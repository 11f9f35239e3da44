/** Objects that already have the name of a child the stores do not know. */
import type { ModelDeployment } from '../api/index.js';
import { type Client, controllerOf, isNotFound, type KubeObject } from '../kube/index.js';
import type { Child } from './plan/children/child.js';
import { stalled, type Verdict } from './plan/verdict.js';

/**
 * Why the children cannot be made, or undefined when their names are free (or theirs already: the stores run behind).
 * Server-side apply would take over whatever has the name, so it is looked at first.
 */
export async function findOccupant(
  client: Client,
  declared: ModelDeployment,
  children: readonly Child[],
): Promise<Verdict | undefined> {
  for (const { type, object } of children) {
    const { name, namespace } = object.metadata;
    const occupant = await client.get(type, { name, namespace }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const verdict = occupant === undefined ? undefined : judgeOccupant(declared, occupant);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function judgeOccupant(declared: ModelDeployment, occupant: KubeObject): Verdict | undefined {
  const owner = controllerOf(occupant);
  if (owner?.uid === declared.metadata.uid) return undefined;
  const label = `${occupant.kind} ${occupant.metadata.name}`;
  if (owner?.kind === declared.kind && owner.name === declared.metadata.name) {
    return {
      state: 'Reconciling',
      phase: 'Pending',
      reason: 'WaitingForDeletion',
      message: `${label} of a deleted ${declared.kind} of this name is being deleted`,
    };
  }
  const whose = owner === undefined ? 'is not made by Gantry' : `belongs to ${owner.kind} ${owner.name}`;
  return stalled('NameTaken', `${label} ${whose}; delete or rename it, or rename this ${declared.kind}`);
}
