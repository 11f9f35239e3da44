import { resourceTypes } from '../../../kube/index.js';
import { type Child, makeChild, type Subject } from './child.js';

/** Present when `spec.autoscaling` is. */
export function horizontalPodAutoscaler(subject: Subject): Child | undefined {
  const { autoscaling } = subject.declared.spec;
  if (autoscaling === undefined) return undefined;
  const { cpuPercent, memoryPercent } = autoscaling.metrics;
  return makeChild(subject, resourceTypes.horizontalPodAutoscalers, {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: subject.name },
      minReplicas: autoscaling.minReplicas,
      maxReplicas: autoscaling.maxReplicas,
      metrics: [...utilization('cpu', cpuPercent), ...utilization('memory', memoryPercent)],
    },
  });
}

function utilization(name: string, percent: number | undefined) {
  if (percent === undefined) return [];
  return [
    { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: percent } } },
  ];
}
