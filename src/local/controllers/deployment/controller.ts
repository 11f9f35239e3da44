import {
  type Controller,
  controllerOf,
  createController,
  type Informer,
  type KubeObject,
  objectKey,
  resourceTypes,
} from '../../../kube/index.js';
import { type Deployment, type Pod, type ReplicaSet, selectorMatches } from '../../objects/index.js';
import { claimObjects } from '../adopt.js';
import { applyWrite } from '../apply.js';
import { type ControllerContext, eventSink, type Runner } from '../context.js';
import type { Write } from '../write.js';
import { planDeployment } from './plan.js';
import { noteRefusedSet } from './refusedSet.js';

const WORKERS = 4;

/** Rolls Deployments out over ReplicaSets. */
export function createDeploymentController(context: ControllerContext): Runner {
  const { client, clock, informers } = context;
  const deployments = informers.of<Deployment>(resourceTypes.deployments);
  const sets = informers.of<ReplicaSet>(resourceTypes.replicaSets);
  const pods = informers.of<Pod>(resourceTypes.pods);
  const tell = eventSink(context, 'deployment-controller');

  const controller = createController({
    ...context,
    name: 'deployment',
    workers: WORKERS,
    async reconcile(key) {
      const deployment = deployments.store.get(key);
      if (deployment === undefined) return;
      const owner = {
        object: deployment,
        type: resourceTypes.deployments,
        selector: deployment.spec.selector,
      };
      const candidates = sets.store.list(deployment.metadata.namespace);
      const owned = await claimObjects(client, owner, resourceTypes.replicaSets, candidates);
      const podsBySet = podsByController(pods.store.list(deployment.metadata.namespace), owned);
      const plan = planDeployment({ deployment, sets: owned, podsBySet }, clock.now());
      for (const write of plan.writes) await send(deployment, write);
      tell(deployment, plan.events);
      return { requeueAfterMs: plan.requeueAfterMs };
    },
  });

  const send = async (deployment: Deployment, write: Write): Promise<void> => {
    try {
      await applyWrite(client, write);
    } catch (error) {
      if (write.verb === 'create') {
        await noteRefusedSet(context, { deployment, set: write.object as unknown as ReplicaSet, error });
      }
      throw error;
    }
  };

  follow({ deployments, sets, pods }, controller);
  return controller;
}

interface Watched {
  readonly deployments: Informer<Deployment>;
  readonly sets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
}

function follow({ deployments, sets, pods }: Watched, controller: Controller): void {
  const enqueueOwners = (set: ReplicaSet): void => {
    const reference = controllerOf(set);
    if (reference !== undefined) {
      if (reference.kind === 'Deployment') controller.enqueue(inNamespaceOf(set, reference.name));
      return;
    }
    for (const deployment of deployments.store.list(set.metadata.namespace)) {
      if (selectorMatches(deployment.spec.selector, set.metadata.labels)) {
        controller.enqueue(objectKey(deployment));
      }
    }
  };

  deployments.subscribe(({ object }) => controller.enqueue(objectKey(object)));
  sets.subscribe(({ object, previous }) => {
    enqueueOwners(object);
    if (previous !== undefined && controllerOf(previous)?.uid !== controllerOf(object)?.uid) {
      enqueueOwners(previous);
    }
  });
  // Recreate waits for the last old pod to go, which no ReplicaSet's counts tell.
  pods.subscribe(({ kind, object }) => {
    const set = controllerOf(object);
    if (kind !== 'deleted' || set?.kind !== 'ReplicaSet') return;
    const owner = sets.store.get(inNamespaceOf(object, set.name));
    if (owner !== undefined) enqueueOwners(owner);
  });
}

function inNamespaceOf(object: KubeObject, name: string): string {
  return objectKey({ metadata: { namespace: object.metadata.namespace, name } });
}

function podsByController(pods: readonly Pod[], sets: readonly ReplicaSet[]): Map<string, Pod[]> {
  const bySet = new Map<string, Pod[]>(sets.map((set) => [set.metadata.uid ?? '', []]));
  for (const pod of pods) bySet.get(controllerOf(pod)?.uid ?? '')?.push(pod);
  return bySet;
}
