/** The operator's view of the cluster: what it watches, and which ModelDeployment a change is about. */
import { API_VERSION, KIND, LABELS, MANAGED_BY, type ModelDeployment } from '../api/index.js';
import type { Clock, Logger, MetricsRegistry, Random } from '../base/index.js';
import {
  type Client,
  controllerOf,
  createInformer,
  type Informer,
  type KubeObject,
  objectKey,
  type ResourceType,
  resourceTypes,
} from '../kube/index.js';
import { CHILD_TYPES, modelDeployments } from './kinds.js';
import type { ObservedPod } from './plan/observed.js';

export interface Informers {
  readonly modelDeployments: Informer<StoredModelDeployment>;
  readonly children: readonly Informer<KubeObject>[];
  readonly pods: Informer<ObservedPod>;
}

export type StoredModelDeployment = ModelDeployment & KubeObject;

/** Index of the children's stores: uid of the controller. */
export const BY_CONTROLLER = 'controller';
/** Index of the pods' store: key of the ModelDeployment. */
export const BY_MODEL_DEPLOYMENT = 'modelDeployment';

/** Every ModelDeployment is looked at again this often, in milliseconds; it costs no API call. */
const RESYNC_MS = 600_000;

export interface InformerParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry;
}

/** @param namespace the one to watch; all when undefined */
export function createInformers(parts: InformerParts, namespace: string | undefined): Informers {
  const shared = { ...parts, ...(namespace !== undefined && { namespace }) };
  const ours = { ...shared, labelSelector: `${LABELS.managedBy}=${MANAGED_BY}` };
  const child = (type: ResourceType) =>
    createInformer<KubeObject>({
      ...ours,
      type,
      indexes: {
        [BY_CONTROLLER]: (object) => [controllerOf(object)?.uid].filter((uid) => uid !== undefined),
      },
    });
  return {
    modelDeployments: createInformer<StoredModelDeployment>({
      ...shared,
      type: modelDeployments,
      resyncMs: RESYNC_MS,
    }),
    children: CHILD_TYPES.map(child),
    pods: createInformer<ObservedPod>({
      ...ours,
      type: resourceTypes.pods,
      indexes: { [BY_MODEL_DEPLOYMENT]: (pod) => [keyOfPod(pod)].filter((key) => key !== undefined) },
    }),
  };
}

export function allInformers(informers: Informers): readonly Informer<never>[] {
  return [informers.modelDeployments, ...informers.children, informers.pods] as unknown as Informer<never>[];
}

/** Calls `enqueue` with the key of the ModelDeployment that each change is about. */
export function subscribe(informers: Informers, enqueue: (key: string) => void): void {
  informers.modelDeployments.subscribe(({ object }) => enqueue(objectKey(object)));
  informers.pods.subscribe(({ object }) => enqueueIf(keyOfPod(object), enqueue));
  for (const child of informers.children) {
    child.subscribe(({ object, previous }) => {
      enqueueIf(keyOfChild(object), enqueue);
      if (previous !== undefined) enqueueIf(keyOfChild(previous), enqueue);
    });
  }
}

function enqueueIf(key: string | undefined, enqueue: (key: string) => void): void {
  if (key !== undefined) enqueue(key);
}

function keyOfChild(object: KubeObject): string | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== KIND || owner.apiVersion !== API_VERSION) return undefined;
  return objectKey({ metadata: { ...namespaceOf(object), name: owner.name } });
}

function keyOfPod(pod: KubeObject): string | undefined {
  const name = pod.metadata.labels?.[LABELS.modelDeployment];
  return name === undefined ? undefined : objectKey({ metadata: { ...namespaceOf(pod), name } });
}

function namespaceOf({ metadata }: KubeObject): { namespace?: string } {
  return metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
}
