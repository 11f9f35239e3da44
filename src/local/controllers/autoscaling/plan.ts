import { type Condition, type HorizontalPodAutoscaler, timestamp } from '../../objects/index.js';

type AutoscalerStatus = NonNullable<HorizontalPodAutoscaler['status']>;

export interface AutoscalerPlan {
  /** Set when the target has fewer replicas than the minimum, or more than the maximum. */
  readonly replicas?: number;
  readonly status: AutoscalerStatus;
  readonly events: readonly { type: 'Normal' | 'Warning'; reason: string; message: string }[];
}

/** What the server says when nobody serves metrics. */
const NO_METRICS = 'the server could not find the requested resource';

/** An autoscaler whose target has no scale. */
export function planWithoutTarget(
  autoscaler: HorizontalPodAutoscaler,
  error: string,
  now: number,
): AutoscalerPlan {
  const message = `the HPA controller was unable to get the target's current scale: ${error}`;
  const able = condition({ autoscaler, now }, 'AbleToScale', 'False', { reason: 'FailedGetScale', message });
  return {
    status: {
      currentReplicas: autoscaler.status?.currentReplicas,
      desiredReplicas: autoscaler.status?.desiredReplicas ?? 0,
      conditions: [able],
    },
    events: [{ type: 'Warning', reason: 'FailedGetScale', message: error }],
  };
}

/**
 * An autoscaler where nobody serves metrics, as in this cluster: it keeps the target between the minimum and the
 * maximum and says, in the words of the horizontal pod autoscaler, that it cannot compute more.
 */
export function planAutoscaler(
  autoscaler: HorizontalPodAutoscaler,
  current: number,
  now: number,
): AutoscalerPlan {
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  if (current === 0 && minReplicas !== 0) return planDisabled(autoscaler, now);
  const replicas = Math.min(Math.max(current, minReplicas), maxReplicas);
  const outside = replicas !== current;
  const able = outside
    ? {
        reason: 'SucceededRescale',
        message: `the HPA controller was able to update the target scale to ${replicas}`,
      }
    : {
        reason: 'SucceededGetScale',
        message: "the HPA controller was able to get the target's current scale",
      };
  const conditions = [condition({ autoscaler, now }, 'AbleToScale', 'True', able)];
  const events: AutoscalerPlan['events'][number][] = [];
  if (outside) {
    const bound = current < minReplicas ? 'below Spec.MinReplicas' : 'above Spec.MaxReplicas';
    const message = `New size: ${replicas}; reason: Current number of replicas ${bound}`;
    events.push({ type: 'Normal', reason: 'SuccessfulRescale', message });
  } else {
    const failure = metricsFailure(autoscaler);
    conditions.push(condition({ autoscaler, now }, 'ScalingActive', 'False', failure));
    const known = autoscaler.status?.conditions?.find(({ type }) => type === 'ScalingActive');
    if (known?.reason !== failure.reason) {
      events.push({ type: 'Warning', reason: failure.reason, message: failure.message });
    }
  }
  const lastScaleTime = outside ? timestamp(now) : autoscaler.status?.lastScaleTime;
  return {
    ...(outside ? { replicas } : {}),
    status: {
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      currentReplicas: current,
      desiredReplicas: replicas,
      conditions,
    },
    events,
  };
}

function planDisabled(autoscaler: HorizontalPodAutoscaler, now: number): AutoscalerPlan {
  const able = {
    reason: 'SucceededGetScale',
    message: "the HPA controller was able to get the target's current scale",
  };
  const disabled = {
    reason: 'ScalingDisabled',
    message: 'scaling is disabled since the replica count of the target is zero',
  };
  return {
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      conditions: [
        condition({ autoscaler, now }, 'AbleToScale', 'True', able),
        condition({ autoscaler, now }, 'ScalingActive', 'False', disabled),
      ],
    },
    events: [],
  };
}

function metricsFailure(autoscaler: HorizontalPodAutoscaler): { reason: string; message: string } {
  const metric = autoscaler.spec.metrics?.[0];
  const compute = 'the HPA was unable to compute the replica count';
  if (metric !== undefined && metric.type !== 'Resource') {
    const api = metric.type === 'External' ? 'external' : 'custom';
    const message = `${compute}: unable to fetch metrics from ${api} metrics API: ${NO_METRICS}`;
    return { reason: `FailedGet${metric.type}Metric`, message };
  }
  const name = metric?.resource?.name ?? 'cpu';
  const kind = metric?.resource?.target?.type === 'AverageValue' ? 'resource metric value' : 'utilization';
  const message =
    `${compute}: failed to get ${name} ${kind}: unable to get metrics for resource ${name}: ` +
    `unable to fetch metrics from resource metrics API: ${NO_METRICS} (get pods.metrics.k8s.io)`;
  return { reason: 'FailedGetResourceMetric', message };
}

function condition(
  { autoscaler, now }: { autoscaler: HorizontalPodAutoscaler; now: number },
  type: string,
  status: 'True' | 'False',
  text: { reason: string; message: string },
): Condition {
  const before = autoscaler.status?.conditions?.find((known) => known.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timestamp(now);
  return { type, status, lastTransitionTime, ...text };
}
