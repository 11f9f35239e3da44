import { createController, objectKey, resourceTypes } from '../../../kube/index.js';
import type { Deployment, HorizontalPodAutoscaler } from '../../objects/index.js';
import { applyWrite } from '../apply.js';
import { type ControllerContext, eventSink, type Runner } from '../context.js';
import { statusPatch } from '../write.js';
import { planAutoscaler, planWithoutTarget } from './plan.js';
import { readScale, writeReplicas } from './scale.js';

const WORKERS = 1;
/** A target of another kind than Deployment is looked at this often, as Kubernetes looks at every target. */
const SYNC_MS = 15_000;

/** Keeps HorizontalPodAutoscalers' targets within their bounds; without metrics there is nothing more to do. */
export function createAutoscalingController(context: ControllerContext): Runner {
  const { client, clock, informers } = context;
  const autoscalers = informers.of<HorizontalPodAutoscaler>(resourceTypes.horizontalPodAutoscalers);
  const deployments = informers.of<Deployment>(resourceTypes.deployments);
  const tell = eventSink(context, 'horizontal-pod-autoscaler');

  const controller = createController({
    ...context,
    name: 'horizontal-pod-autoscaler',
    workers: WORKERS,
    async reconcile(key) {
      const autoscaler = autoscalers.store.get(key);
      if (autoscaler === undefined) return;
      const { namespace } = autoscaler.metadata;
      const target = autoscaler.spec.scaleTargetRef;
      const scale = await readScale(client, namespace, target);
      const plan =
        scale === undefined
          ? planWithoutTarget(autoscaler, `${target.kind} "${target.name}" not found`, clock.now())
          : planAutoscaler(autoscaler, scale.spec.replicas ?? 0, clock.now());
      if (plan.replicas !== undefined) await writeReplicas(client, namespace, target, plan.replicas);
      const type = resourceTypes.horizontalPodAutoscalers;
      const patch = statusPatch(type, autoscaler, autoscaler.status, plan.status);
      if (patch !== undefined) {
        await applyWrite(client, patch);
        tell(autoscaler, plan.events);
      }
      return target.kind === 'Deployment' ? undefined : { requeueAfterMs: SYNC_MS };
    },
  });

  autoscalers.subscribe(({ object }) => controller.enqueue(objectKey(object)));
  deployments.subscribe(({ object, previous }) => {
    if (previous !== undefined && previous.metadata.generation === object.metadata.generation) return;
    for (const autoscaler of autoscalers.store.list(object.metadata.namespace)) {
      const { kind, name } = autoscaler.spec.scaleTargetRef;
      if (kind === 'Deployment' && name === object.metadata.name) controller.enqueue(objectKey(autoscaler));
    }
  });
  return controller;
}
