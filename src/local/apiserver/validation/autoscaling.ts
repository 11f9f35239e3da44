/** HorizontalPodAutoscalers and PodDisruptionBudgets. Source: k8s.io/kubernetes/pkg/apis/{autoscaling,policy}/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { pathSegment } from './names.js';
import { type LabelSelector, validateSelector } from './selectors.js';
import { atMost100Percent, countOrPercent, positive, present, requiredName } from './values.js';

interface MetricTarget {
  readonly type?: string;
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

interface MetricSource {
  readonly name?: string;
  readonly container?: string;
  readonly metric?: { name?: string };
  readonly target?: MetricTarget;
}

interface Metric {
  readonly type?: string;
  readonly [source: string]: unknown;
}

interface HpaSpec {
  readonly behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules };
  readonly maxReplicas?: number;
  readonly metrics?: readonly Metric[];
  readonly minReplicas?: number;
  readonly scaleTargetRef?: { kind?: string; name?: string; apiVersion?: string };
}

interface ScalingRules {
  readonly policies?: readonly { type?: string; value?: number; periodSeconds?: number }[];
  readonly selectPolicy?: string;
  readonly stabilizationWindowSeconds?: number;
}

const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};
const MAX_WINDOW_SECONDS = 3_600;
const MAX_PERIOD_SECONDS = 1_800;

export function validateHpa(hpa: KubeObject): FieldError[] {
  const spec = (hpa['spec'] ?? {}) as HpaSpec;
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {} } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  errors.push(...positive(maxReplicas, 'spec.maxReplicas'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  errors.push(...requiredName(pathSegment, scaleTargetRef.kind, 'spec.scaleTargetRef.kind'));
  errors.push(...requiredName(pathSegment, scaleTargetRef.name, 'spec.scaleTargetRef.name'));
  spec.metrics?.forEach((metric, i) => errors.push(...validateMetric(metric, `spec.metrics[${i}]`)));
  errors.push(...validateScaling(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'));
  errors.push(...validateScaling(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'));
  return errors;
}

function validateMetric(metric: Metric, at: string): FieldError[] {
  const { type = '' } = metric;
  if (type === '') return [required(`${at}.type`, 'must specify a metric source type')];
  const field = SOURCES[type];
  if (field === undefined) return [notSupported(`${at}.type`, type, Object.keys(SOURCES))];
  const source = metric[field] as MetricSource | undefined;
  if (source === undefined) {
    return [required(`${at}.${field}`, 'must populate information for the given metric source')];
  }
  const path = `${at}.${field}`;
  const isResource = type === 'Resource' || type === 'ContainerResource';
  const name = isResource
    ? present(source.name, `${path}.name`, 'must specify a resource name')
    : requiredName(pathSegment, source.metric?.name, `${path}.metric.name`);
  return [...name, ...validateTarget(source.target, `${path}.target`, isResource)];
}

function validateTarget(target: MetricTarget | undefined, path: string, isResource: boolean): FieldError[] {
  if (target === undefined) return [required(path)];
  const errors: FieldError[] = [];
  const { type = '', averageUtilization, averageValue, value } = target;
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric target type'));
  else if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  errors.push(...positive(averageUtilization, `${path}.averageUtilization`));
  const given = [averageUtilization, averageValue, value].filter((one) => one !== undefined).length;
  if (isResource && averageUtilization === undefined && averageValue === undefined) {
    errors.push(
      required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'),
    );
  } else if (given === 0) {
    errors.push(required(`${path}.averageValue`, 'must set either a target value or averageValue'));
  }
  return errors;
}

function validateScaling(rules: ScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const errors: FieldError[] = [];
  const window = rules.stabilizationWindowSeconds;
  if (window !== undefined && (window < 0 || window > MAX_WINDOW_SECONDS)) {
    const detail =
      window < 0
        ? 'must be greater than or equal to zero'
        : `must be less than or equal to ${MAX_WINDOW_SECONDS}`;
    errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, detail));
  }
  if (rules.selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(rules.selectPolicy)) {
    errors.push(notSupported(`${path}.selectPolicy`, rules.selectPolicy, ['Disabled', 'Max', 'Min']));
  }
  if ((rules.policies ?? []).length === 0)
    errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  rules.policies?.forEach(({ type = '', value = 0, periodSeconds = 0 }, i) => {
    const at = `${path}.policies[${i}]`;
    if (!['Percent', 'Pods'].includes(type))
      errors.push(notSupported(`${at}.type`, type, ['Percent', 'Pods']));
    if (value <= 0) errors.push(invalid(`${at}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0)
      errors.push(invalid(`${at}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > MAX_PERIOD_SECONDS) {
      errors.push(
        invalid(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`),
      );
    }
  });
  return errors;
}

interface PdbSpec {
  readonly maxUnavailable?: number | string;
  readonly minAvailable?: number | string;
  readonly selector?: LabelSelector;
  readonly unhealthyPodEvictionPolicy?: string;
}

export function validatePdb(pdb: KubeObject): FieldError[] {
  const {
    minAvailable,
    maxUnavailable,
    selector,
    unhealthyPodEvictionPolicy: policy,
  } = (pdb['spec'] ?? {}) as PdbSpec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const struct = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    };
    const message = `Invalid value: ${JSON.stringify(struct)}: minAvailable and maxUnavailable cannot be both set`;
    errors.push({ reason: 'FieldValueInvalid', field: 'spec', message });
  }
  for (const [field, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    errors.push(...countOrPercent(value, `spec.${field}`), ...atMost100Percent(value, `spec.${field}`));
  }
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, policies));
  }
  return [...errors, ...validateSelector(selector, 'spec.selector')];
}
