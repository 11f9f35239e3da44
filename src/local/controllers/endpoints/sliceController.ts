import { createController, objectKey, resourceTypes } from '../../../kube/index.js';
import {
  controllerReference,
  type EndpointSlice,
  labelsMatch,
  type Pod,
  type Service,
  SERVICE_NAME_LABEL,
} from '../../objects/index.js';
import { applyWrite } from '../apply.js';
import type { ControllerContext, Runner } from '../context.js';
import { Expectations } from '../expectations.js';
import { sameJson } from '../write.js';
import { hasSelector, HEADLESS_LABEL, onServicesAndPods } from './serviceChanges.js';
import { type SliceContent, sliceContents } from './slices.js';

const WORKERS = 2;
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const MANAGED_BY = 'endpointslice-controller.k8s.io';

export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** Keeps the EndpointSlices of every Service that has a selector. */
export function createEndpointSliceController(context: ControllerContext): Runner {
  const { client, clock, informers } = context;
  const services = informers.of<Service>(resourceTypes.services);
  const pods = informers.of<Pod>(resourceTypes.pods);
  const slices = informers.of<EndpointSlice>(resourceTypes.endpointSlices);
  const expectations = new Expectations(clock);

  const controller = createController({
    ...context,
    name: 'endpointslice',
    workers: WORKERS,
    async reconcile(key) {
      const service = services.store.get(key);
      if (service === undefined) expectations.forget(key);
      if (service === undefined || !hasSelector(service) || !expectations.isSatisfied(key)) return;
      if (service.metadata.deletionTimestamp !== undefined) return;
      const { namespace, name } = service.metadata;
      const selected = pods.store
        .list(namespace)
        .filter((pod) => labelsMatch(service.spec.selector ?? {}, pod.metadata.labels));
      const current = slices.store.list(namespace).filter((slice) => isManaged(slice, name));
      const plan = planSlices(service, current, sliceContents(service, selected));
      for (const slice of plan.update) {
        await applyWrite(client, { verb: 'update', type: resourceTypes.endpointSlices, object: slice });
      }
      for (const slice of plan.create) await create(key, slice);
      for (const { metadata } of plan.remove) {
        const target = { namespace, name: metadata.name, uid: metadata.uid };
        await applyWrite(client, { verb: 'delete', type: resourceTypes.endpointSlices, ...target });
      }
    },
  });

  const create = async (key: string, slice: EndpointSlice): Promise<void> => {
    const created = await client.create(resourceTypes.endpointSlices, slice);
    if (slices.store.get(objectKey(created)) !== undefined) return;
    expectations.expect(key, created.metadata.uid ?? '');
  };

  onServicesAndPods(services, pods, (key) => controller.enqueue(key));
  slices.subscribe(({ object }) => {
    const service = object.metadata.labels?.[SERVICE_NAME_LABEL];
    if (service === undefined) return;
    const key = objectKey({ metadata: { namespace: object.metadata.namespace, name: service } });
    expectations.observe(key, object.metadata.uid ?? '');
    controller.enqueue(key);
  });
  return controller;
}

function isManaged(slice: EndpointSlice, service: string): boolean {
  const labels = slice.metadata.labels ?? {};
  return labels[SERVICE_NAME_LABEL] === service && labels[MANAGED_BY_LABEL] === MANAGED_BY;
}

/** Gives each wanted content a slice: one with the same ports first, then any that is left, then a new one. */
export function planSlices(
  service: Service,
  current: readonly EndpointSlice[],
  wanted: readonly SliceContent[],
): SlicePlan {
  const free = [...current];
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const content of wanted) {
    const samePorts = free.findIndex((slice) => sameJson(slice.ports ?? [], content.ports));
    const [slice] = free.splice(samePorts === -1 ? 0 : samePorts, 1);
    const next = writtenSlice(service, slice, content);
    if (slice === undefined) create.push(next);
    else if (!sameSlice(slice, next)) update.push(next);
  }
  return { create, update, remove: free };
}

function sameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  return (
    sameJson(a.ports ?? [], b.ports ?? []) &&
    sameJson(a.endpoints ?? [], b.endpoints ?? []) &&
    sameJson(a.metadata.labels, b.metadata.labels) &&
    sameJson(a.metadata.ownerReferences, b.metadata.ownerReferences)
  );
}

function writtenSlice(
  service: Service,
  slice: EndpointSlice | undefined,
  content: SliceContent,
): EndpointSlice {
  const { namespace, name } = service.metadata;
  const labels: Record<string, string> = {
    ...service.metadata.labels,
    [MANAGED_BY_LABEL]: MANAGED_BY,
    [SERVICE_NAME_LABEL]: name,
    ...(service.spec.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {}),
  };
  const ownerReferences = [controllerReference(service)];
  const identity = slice?.metadata ?? ({ generateName: `${name}-`, namespace } as EndpointSlice['metadata']);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...identity, labels, ownerReferences },
    addressType: 'IPv4',
    endpoints: [...content.endpoints],
    ports: [...content.ports],
  };
}
