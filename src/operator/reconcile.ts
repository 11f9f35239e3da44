import type { ModelDeploymentStatus } from '../api/index.js';
import { type Clock, formatProblem, type Logger, problem, ProblemError } from '../base/index.js';
import { type Client, type EventRecorder, isConflict, isNotFound } from '../kube/index.js';
import { applyDifference } from './apply.js';
import type { OperatorConfig } from './config.js';
import { gather } from './gather.js';
import type { Informers, StoredModelDeployment } from './informers.js';
import { modelDeployments } from './kinds.js';
import { canonicalJson } from './plan/canonical.js';
import { eventsOf } from './plan/events.js';
import { plan } from './plan/plan.js';
import { withVerdict } from './plan/status.js';

/** Names held by others are looked at again this often, in milliseconds: the operator does not watch those objects. */
const OCCUPIED_RECHECK_MS = 10_000;

export interface ReconcileParts {
  readonly client: Client;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly config: OperatorConfig;
}

/** Brings one ModelDeployment nearer to what is declared. Rejects when it is to be tried again soon. */
export function createReconcile(parts: ReconcileParts) {
  const { client, informers, clock, config } = parts;
  return async (key: string, { logger }: { logger: Logger }): Promise<{ requeueAfterMs?: number }> => {
    const declared = informers.modelDeployments.store.get(key);
    // The garbage collector takes the children of what is deleted.
    if (declared === undefined || declared.metadata.deletionTimestamp !== undefined) return {};
    const observed = gather(informers, declared);
    const nowMs = clock.now();
    const { difference, status } = plan(declared, observed, config, nowMs);
    for (const { object } of difference.apply) {
      logger.debug({ child: object.kind, name: object.metadata.name }, 'applying');
    }
    const obstacle = await applyDifference(client, declared, difference, observed);
    if (obstacle === undefined) {
      await report(parts, declared, status);
      return {};
    }
    await report(parts, declared, withVerdict(declared, status, obstacle, nowMs));
    if (obstacle.reason === 'ApplyRefused') {
      const refusal = problem(obstacle.reason, key, obstacle.message);
      logger.warn({ code: refusal.code }, formatProblem(refusal));
      throw new ProblemError(refusal);
    }
    return { requeueAfterMs: OCCUPIED_RECHECK_MS };
  };
}

/** Writes the status when it has changed, and an Event when affairs have taken a turn. */
async function report(
  { client, recorder }: ReconcileParts,
  declared: StoredModelDeployment,
  status: ModelDeploymentStatus,
): Promise<void> {
  if (canonicalJson(status) === canonicalJson(declared.status)) return;
  const { name, namespace, uid } = declared.metadata;
  const body = {
    apiVersion: declared.apiVersion,
    kind: declared.kind,
    // The uid keeps the status of a deleted object from its namesake.
    metadata: { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) },
    status,
  };
  try {
    await client.apply(modelDeployments, body, { subresource: 'status', force: true });
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return;
    throw error;
  }
  for (const { type, reason, message } of eventsOf(declared.status, status)) {
    recorder.event(declared, type, reason, message);
  }
}
