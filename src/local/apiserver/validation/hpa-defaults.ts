/** Defaults of HorizontalPodAutoscalers. Source: k8s.io/kubernetes/pkg/apis/autoscaling/v2/defaults.go. */
import type { KubeObject } from '../../../kube/index.js';
import { type JsonObject, objectAt } from '../json.js';

const CPU_AT_80_PERCENT = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];
const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/** Changes the object in place. */
export function defaultHpa(hpa: KubeObject): void {
  const spec = objectAt(hpa, 'spec');
  if (spec === undefined) return;
  const metrics = spec['metrics'];
  if (!Array.isArray(metrics) || metrics.length === 0) spec['metrics'] = structuredClone(CPU_AT_80_PERCENT);
  const behavior = objectAt(spec, 'behavior');
  if (behavior === undefined) return;
  behavior['scaleUp'] = { ...structuredClone(SCALE_UP), ...objectAt(behavior, 'scaleUp') };
  const scaleDown: JsonObject = { ...structuredClone(SCALE_DOWN), ...objectAt(behavior, 'scaleDown') };
  behavior['scaleDown'] = scaleDown;
}
