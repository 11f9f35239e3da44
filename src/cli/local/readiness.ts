/** Waits for the ModelDeployments of a cluster, telling how far they are. */
import type { ModelDeployment } from '../../api/index.js';
import type { Client } from '../../kube/index.js';
import { modelDeployments } from './manifests.js';

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

const WATCH_SECONDS = 300;

/** Resolves with every ModelDeployment once each is ready or stalled, or with what there is when the signal aborts. */
export async function awaitReady(
  client: Client,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<ModelDeployment[]> {
  const list = await client.list<ModelDeployment>(modelDeployments, {});
  const models = new Map(list.items.map((model) => [model.metadata.uid ?? '', model]));
  const isDone = () => [...models.values()].every(isSettled);
  if (isDone()) return [...models.values()];
  tell(describe(models.values()));
  const events = client.watch<ModelDeployment>(modelDeployments, {
    resourceVersion: list.metadata.resourceVersion ?? '',
    timeoutSeconds: WATCH_SECONDS,
    signal,
  });
  try {
    for await (const { type, object } of events) {
      if (type === 'DELETED') models.delete(object.metadata.uid ?? '');
      else if (type === 'ADDED' || type === 'MODIFIED') models.set(object.metadata.uid ?? '', object);
      if (isDone()) break;
      tell(describe(models.values()));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return [...models.values()];
}
