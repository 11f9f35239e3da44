import {
  createInformer,
  type Informer,
  type InformerOptions,
  type KubeObject,
  type ResourceType,
  resourceTypes,
} from '../../kube/index.js';
import type { ConfigMap, EndpointSlice, Node, Pod, Secret, Service } from '../objects/index.js';

/** What the node watches. */
export interface NodeInformers {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly configMaps: Informer<ConfigMap>;
  readonly secrets: Informer<Secret>;
}

export function createNodeInformers(
  options: Pick<InformerOptions<KubeObject>, 'client' | 'clock' | 'random' | 'logger'>,
): NodeInformers {
  const informer = <T extends KubeObject>(type: ResourceType): Informer<T> =>
    createInformer<T>({ ...options, type });
  return {
    pods: informer(resourceTypes.pods),
    nodes: informer(resourceTypes.nodes),
    services: informer(resourceTypes.services),
    slices: informer(resourceTypes.endpointSlices),
    configMaps: informer(resourceTypes.configMaps),
    secrets: informer(resourceTypes.secrets),
  };
}

export function allInformers(informers: NodeInformers): Pick<Informer<KubeObject>, 'run' | 'synced'>[] {
  const { pods, nodes, services, slices, configMaps, secrets } = informers;
  return [pods, nodes, services, slices, configMaps, secrets];
}
