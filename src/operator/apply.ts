/** Carries out a difference: server-side apply of children, deletion of those no longer wanted. */
import type { ModelDeployment } from '../api/index.js';
import {
  ApiError,
  type Client,
  isConflict,
  isNotFound,
  type KubeObject,
  type ResourceType,
  resourceTypes,
} from '../kube/index.js';
import { handOverReplicas } from './handOver.js';
import { CHILD_TYPES } from './kinds.js';
import { findOccupant } from './occupants.js';
import type { Child } from './plan/children/child.js';
import type { Difference } from './plan/difference.js';
import { childKey, type Observed } from './plan/observed.js';
import { stalled, type Verdict } from './plan/verdict.js';

/**
 * Returns undefined when all was done, or a verdict when the cluster does not allow it. Rejects when it is worth
 * another try (conflicts, overload, no answer).
 */
export async function applyDifference(
  client: Client,
  declared: ModelDeployment,
  difference: Difference,
  observed: Observed,
): Promise<Verdict | undefined> {
  const created = difference.apply.filter(({ object }) => !observed.children.has(childKey(object)));
  const occupied = await findOccupant(client, declared, created);
  if (occupied !== undefined) return occupied;
  for (const child of difference.apply) {
    const refused = await applyChild(client, child, observed, created);
    if (refused !== undefined) return refused;
  }
  for (const object of difference.remove) await removeChild(client, object);
  return undefined;
}

async function applyChild(
  client: Client,
  { type, object }: Child,
  observed: Observed,
  created: readonly Child[],
): Promise<Verdict | undefined> {
  const autoscalerIsNew = created.some((child) => child.type === resourceTypes.horizontalPodAutoscalers);
  const existing = observed.children.get(childKey(object));
  try {
    if (type === resourceTypes.deployments && existing !== undefined && autoscalerIsNew) {
      await handOverReplicas(client, existing);
    }
    await client.apply(type, object, { force: true });
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return stalled('ApplyRefused', `the API server refused ${childKey(object)}: ${error.message}`);
  }
}

/** Whether the same request would be refused again: not a conflict, an overload or a missing namespace. */
function isRefusal(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.status === 400 || error.status === 403 || error.status === 422;
}

async function removeChild(client: Client, object: KubeObject): Promise<void> {
  const { name, namespace, uid } = object.metadata;
  try {
    await client.delete(
      typeOf(object),
      { name, namespace },
      { propagationPolicy: 'Background', ...(uid !== undefined && { preconditions: { uid } }) },
    );
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

function typeOf(object: KubeObject): ResourceType {
  const type = CHILD_TYPES.find(({ kind }) => kind === object.kind);
  if (type === undefined) throw new RangeError(`${object.kind} is no kind of child`);
  return type;
}
