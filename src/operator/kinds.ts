import { GROUP, KIND, PLURAL, VERSION } from '../api/index.js';
import { type ResourceType, resourceTypes } from '../kube/index.js';

export const modelDeployments: ResourceType = {
  group: GROUP,
  version: VERSION,
  kind: KIND,
  plural: PLURAL,
  namespaced: true,
};

/** Kinds the operator makes objects of. */
export const CHILD_TYPES: readonly ResourceType[] = [
  resourceTypes.deployments,
  resourceTypes.services,
  resourceTypes.configMaps,
  resourceTypes.serviceAccounts,
  resourceTypes.podDisruptionBudgets,
  resourceTypes.horizontalPodAutoscalers,
];
