import {
  createController,
  isNotFound,
  type KubeObject,
  objectKey,
  resourceTypes,
} from '../../../kube/index.js';
import {
  type Endpoints,
  type EndpointSubset,
  labelsMatch,
  type Pod,
  type Service,
} from '../../objects/index.js';
import { applyWrite } from '../apply.js';
import type { ControllerContext, Runner } from '../context.js';
import { sameJson, type Write } from '../write.js';
import { endpointSubsets, selectedPods } from './endpoints.js';
import { hasSelector, HEADLESS_LABEL, onServicesAndPods } from './serviceChanges.js';
import { TRIGGER_TIME, TriggerTimes } from './triggerTimes.js';

const WORKERS = 2;

/** Keeps the Endpoints object of every Service that has a selector. */
export function createEndpointsController(context: ControllerContext): Runner {
  const { client, informers } = context;
  const services = informers.of<Service>(resourceTypes.services);
  const pods = informers.of<Pod>(resourceTypes.pods);
  const endpoints = informers.of<Endpoints>(resourceTypes.endpoints);
  const triggerTimes = new TriggerTimes();

  const controller = createController({
    ...context,
    name: 'endpoints',
    workers: WORKERS,
    async reconcile(key) {
      const service = services.store.get(key);
      const current = endpoints.store.get(key);
      if (service === undefined) {
        triggerTimes.forget(key);
        if (current !== undefined) await remove(current);
        return;
      }
      if (!hasSelector(service)) return;
      const all = pods.store.list(service.metadata.namespace);
      const selected = selectedPods(
        service,
        all.filter((pod) => labelsMatch(service.spec.selector ?? {}, pod.metadata.labels)),
      );
      const write = endpointsWrite(service, current, endpointSubsets(service, selected), () =>
        triggerTimes.next(key, service, selected),
      );
      if (write !== undefined) await applyWrite(client, write);
    },
  });

  const remove = async ({ metadata: { namespace, name, uid } }: Endpoints): Promise<void> => {
    try {
      await client.delete(resourceTypes.endpoints, { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  onServicesAndPods(services, pods, (key) => controller.enqueue(key));
  endpoints.subscribe(({ object }) => controller.enqueue(objectKey(object)));
  return controller;
}

/** Creates or replaces the Endpoints, or does nothing when they say the same but for their pods' versions. */
export function endpointsWrite(
  service: Service,
  current: Endpoints | undefined,
  subsets: EndpointSubset[],
  triggerTime: () => string | undefined,
): Write | undefined {
  const { namespace, name } = service.metadata;
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {};
  const labels: Record<string, string> = { ...service.metadata.labels, ...headless };
  const same =
    current !== undefined &&
    sameJson(withoutVersions(current.subsets ?? []), withoutVersions(subsets)) &&
    sameJson(current.metadata.labels ?? {}, labels);
  if (same) return undefined;
  const changedAt = triggerTime();
  const others = Object.entries(current?.metadata.annotations ?? {}).filter(([key]) => key !== TRIGGER_TIME);
  const annotations = Object.fromEntries(
    changedAt === undefined ? others : [...others, [TRIGGER_TIME, changedAt]],
  );
  const metadata: KubeObject['metadata'] = { ...current?.metadata, name, namespace, labels, annotations };
  const object: Endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata };
  if (subsets.length > 0) object.subsets = subsets;
  if (Object.keys(labels).length === 0) delete metadata.labels;
  if (Object.keys(annotations).length === 0) delete metadata.annotations;
  return { verb: current === undefined ? 'create' : 'update', type: resourceTypes.endpoints, object };
}

function withoutVersions(subsets: readonly EndpointSubset[]): unknown {
  return JSON.parse(
    JSON.stringify(subsets, (key, value: unknown) => (key === 'resourceVersion' ? undefined : value)),
  );
}
