import { type Informer, objectKey } from '../../../kube/index.js';
import { labelsMatch, type Pod, type Service } from '../../objects/index.js';

export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

export function hasSelector(service: Service): boolean {
  return Object.keys(service.spec.selector ?? {}).length > 0 && service.spec.type !== 'ExternalName';
}

/** Calls `enqueue` with the key of each Service that a change of a Service or a pod may concern. */
export function onServicesAndPods(
  services: Informer<Service>,
  pods: Informer<Pod>,
  enqueue: (key: string) => void,
): void {
  services.subscribe(({ object }) => enqueue(objectKey(object)));
  const selecting = (pod: Pod): void => {
    for (const service of services.store.list(pod.metadata.namespace)) {
      if (hasSelector(service) && labelsMatch(service.spec.selector ?? {}, pod.metadata.labels)) {
        enqueue(objectKey(service));
      }
    }
  };
  pods.subscribe(({ object, previous }) => {
    selecting(object);
    if (previous !== undefined) selecting(previous);
  });
}
