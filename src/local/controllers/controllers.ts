import { type ControllerContext, type ControllersOptions, type Runner, SharedInformers } from './context.js';
import { createAutoscalingController } from './autoscaling/controller.js';
import { createDeploymentController } from './deployment/controller.js';
import { ResourceMonitors } from './discovery/monitors.js';
import { createDisruptionController } from './disruption/controller.js';
import { createEndpointsController } from './endpoints/controller.js';
import { createEndpointSliceController } from './endpoints/sliceController.js';
import { createGarbageCollector } from './garbage/controller.js';
import { createNamespaceController } from './namespace/controller.js';
import { createReplicaSetController } from './replicaset/controller.js';
import { createServiceAccountController } from './serviceaccount/controller.js';

/** The controllers a cluster has by itself, as kube-controller-manager runs them. */
export function createControllers(options: ControllersOptions): Runner {
  const informers = new SharedInformers(options);
  const context: ControllerContext = { ...options, informers };
  const monitors = new ResourceMonitors(context);
  const controllers = [
    createDeploymentController(context),
    createReplicaSetController(context),
    createEndpointsController(context),
    createEndpointSliceController(context),
    createServiceAccountController(context),
    createDisruptionController(context),
    createAutoscalingController(context),
    createGarbageCollector(context, monitors),
    createNamespaceController(context, monitors),
    monitors,
  ];
  return {
    async run(signal) {
      const watching = informers.run(signal);
      await informers.synced(signal);
      await Promise.all([watching, ...controllers.map((controller) => controller.run(signal))]);
    },
  };
}
