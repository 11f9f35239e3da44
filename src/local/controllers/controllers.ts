import { type ControllerContext, type ControllersOptions, type Runner, SharedInformers } from './context.js';
import { createDeploymentController } from './deployment/controller.js';
import { createEndpointsController } from './endpoints/controller.js';
import { createEndpointSliceController } from './endpoints/sliceController.js';
import { createReplicaSetController } from './replicaset/controller.js';

/** The controllers a cluster has by itself, as kube-controller-manager runs them. */
export function createControllers(options: ControllersOptions): Runner {
  const informers = new SharedInformers(options);
  const context: ControllerContext = { ...options, informers };
  const controllers = [
    createDeploymentController(context),
    createReplicaSetController(context),
    createEndpointsController(context),
    createEndpointSliceController(context),
  ];
  return {
    async run(signal) {
      const watching = informers.run(signal);
      await informers.synced(signal);
      await Promise.all([watching, ...controllers.map((controller) => controller.run(signal))]);
    },
  };
}
