import type { Clock, Logger, Random } from '../../../base/index.js';
import { type Controller, createController, objectKey } from '../../../kube/index.js';
import { SERVICE_NAME_LABEL } from '../../objects/index.js';
import type { NodeInformers } from '../nodeInformers.js';
import type { ServiceProxy } from './serviceProxy.js';

/** An address may be free again later: another program had it, or another Service. */
const RETRY_MS = 10_000;

export interface ServiceControllerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly informers: NodeInformers;
  readonly proxy: ServiceProxy;
}

/** Keeps the proxy's listeners in line with Services and EndpointSlices. */
export function createServiceController(options: ServiceControllerOptions): Controller {
  const { services, slices } = options.informers;
  const controller = createController({
    ...options,
    name: 'service-proxy',
    workers: 2,
    async reconcile(key) {
      const service = services.store.get(key);
      if (service === undefined) {
        await options.proxy.remove(key);
        return;
      }
      const isOpen = await options.proxy.sync(service, slices.store.list(service.metadata.namespace));
      return isOpen ? undefined : { requeueAfterMs: RETRY_MS };
    },
  });
  services.subscribe(({ object }) => controller.enqueue(objectKey(object)));
  slices.subscribe(({ object }) => {
    const { namespace, labels } = object.metadata;
    const name = labels?.[SERVICE_NAME_LABEL];
    if (name !== undefined) controller.enqueue(objectKey({ metadata: { namespace, name } }));
  });
  return controller;
}
