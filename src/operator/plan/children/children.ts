import type { OperatorConfig } from '../../config.js';
import type { Child, Subject } from './child.js';
import { configMap } from './configMap.js';
import { deployment } from './deployment.js';
import { horizontalPodAutoscaler } from './horizontalPodAutoscaler.js';
import { podDisruptionBudget } from './podDisruptionBudget.js';
import { service } from './service.js';
import { serviceAccount } from './serviceAccount.js';

/** Every child, in the order in which they are applied: what pods need comes before the pods. */
export function childrenOf(subject: Subject, config: OperatorConfig): readonly Child[] {
  const autoscaler = horizontalPodAutoscaler(subject);
  return [
    serviceAccount(subject),
    configMap(subject),
    service(subject),
    podDisruptionBudget(subject),
    deployment(subject, config),
    ...(autoscaler === undefined ? [] : [autoscaler]),
  ];
}
