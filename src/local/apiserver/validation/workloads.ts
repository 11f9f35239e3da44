/** Kinds that run pods. Source: k8s.io/kubernetes/pkg/apis/{apps,batch,core}/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import type { PodTemplate } from './pod-types.js';
import { validatePodTemplate } from './pods.js';
import { isEmptySelector, type LabelSelector, selectorMatches, validateSelector } from './selectors.js';
import { atMost100Percent, countOrPercent, immutable, isZero, nonNegative, oneOf } from './values.js';

interface WorkloadSpec {
  readonly minReadySeconds?: number;
  readonly replicas?: number;
  readonly revisionHistoryLimit?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
}

interface RollingUpdate {
  readonly maxSurge?: number | string;
  readonly maxUnavailable?: number | string;
}

interface DeploymentSpec extends WorkloadSpec {
  readonly progressDeadlineSeconds?: number;
  readonly strategy?: { type?: string; rollingUpdate?: RollingUpdate };
}

const MISMATCH = '`selector` does not match template `labels`';

function specOf<T>(object: KubeObject): T {
  return (object['spec'] ?? {}) as T;
}

/** The selector itself, and whether it selects the template's pods. `kind` names it in the message. */
function validateSelection({ selector, template }: WorkloadSpec, kind: string): FieldError[] {
  const path = 'spec.selector';
  const errors = selector === undefined ? [required(path)] : validateSelector(selector, path);
  if (selector !== undefined && isEmptySelector(selector)) {
    errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`));
    return errors;
  }
  const labels = template?.metadata?.labels;
  const matches = selectorMatches(selector, labels ?? {});
  if (matches === undefined) errors.push(invalid(path, selector, 'invalid label selector'));
  if (matches === false) errors.push(invalid('spec.template.metadata.labels', labels ?? null, MISMATCH));
  return errors;
}

/** Pods that are replaced when they end always restart, and have no deadline. */
function validateEndlessTemplate(template: PodTemplate | undefined, name: string): FieldError[] {
  const path = 'spec.template';
  const errors = validatePodTemplate(template, path);
  const restartPolicy = template?.spec?.restartPolicy;
  if (restartPolicy !== undefined && restartPolicy !== 'Always') {
    errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  }
  if (template?.spec?.activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${name} is not Supported`;
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, detail));
  }
  return errors;
}

function validateCounts(spec: WorkloadSpec): FieldError[] {
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}

export function validateDeployment(deployment: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf<DeploymentSpec>(deployment);
  const errors = [
    ...validateCounts(spec),
    ...validateSelection(spec, 'deployment'),
    ...validateEndlessTemplate(spec.template, 'ReplicaSet'),
    ...validateStrategy(spec.strategy ?? {}),
  ];
  const { progressDeadlineSeconds: deadline } = spec;
  if (deadline !== undefined) {
    errors.push(...nonNegative(deadline, 'spec.progressDeadlineSeconds'));
    if (deadline <= (spec.minReadySeconds ?? 0)) {
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
    }
  }
  return [...errors, ...selectorStays(spec, old)];
}

function selectorStays(spec: WorkloadSpec, old: KubeObject | undefined): FieldError[] {
  if (old === undefined) return [];
  return immutable(spec.selector, specOf<WorkloadSpec>(old).selector, 'spec.selector');
}

function validateStrategy({ type, rollingUpdate }: NonNullable<DeploymentSpec['strategy']>): FieldError[] {
  const path = 'spec.strategy';
  if (type === 'Recreate') {
    if (rollingUpdate === undefined) return [];
    return [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type === 'RollingUpdate') return validateRollingUpdate(rollingUpdate ?? {}, `${path}.rollingUpdate`);
  const struct = { Type: type ?? '', RollingUpdate: rollingUpdate ?? null };
  const message = `Unsupported value: ${JSON.stringify(struct)}: supported values: "Recreate", "RollingUpdate"`;
  return [{ reason: 'FieldValueNotSupported', field: path, message }];
}

function validateRollingUpdate({ maxSurge, maxUnavailable }: RollingUpdate, path: string): FieldError[] {
  const errors = [
    ...countOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...countOrPercent(maxSurge, `${path}.maxSurge`),
    ...atMost100Percent(maxUnavailable, `${path}.maxUnavailable`),
  ];
  if (errors.length === 0 && isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

export function validateReplicaSet(set: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf<WorkloadSpec>(set);
  return [
    ...validateCounts(spec),
    ...validateSelection(spec, 'deployment'),
    ...validateEndlessTemplate(spec.template, 'ReplicaSet'),
    ...selectorStays(spec, old),
  ];
}

interface StatefulSetSpec extends WorkloadSpec {
  readonly podManagementPolicy?: string;
  readonly updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
}

const STATEFUL_SET_UPDATE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export function validateStatefulSet(set: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf<StatefulSetSpec>(set);
  const path = 'spec.updateStrategy';
  const errors = [
    ...validateCounts(spec),
    ...validateSelection(spec, 'statefulset'),
    ...validateEndlessTemplate(spec.template, 'StatefulSet'),
    ...oneOf(spec.updateStrategy?.type, ['OnDelete', 'RollingUpdate'], `${path}.type`),
    ...nonNegative(spec.updateStrategy?.rollingUpdate?.partition, `${path}.rollingUpdate.partition`),
  ];
  const policies = ['OrderedReady', 'Parallel'];
  const policy = spec.podManagementPolicy ?? '';
  if (!policies.includes(policy)) {
    const detail = `must be '${policies[0] ?? ''}' or '${policies[1] ?? ''}'`;
    errors.push(invalid('spec.podManagementPolicy', policy, detail));
  }
  if (old === undefined) return errors;
  const before = specOf<StatefulSetSpec & { serviceName?: string }>(old);
  const after = spec as StatefulSetSpec & { serviceName?: string };
  const changed = (['selector', 'podManagementPolicy', 'serviceName'] as const).some(
    (field) => immutable(after[field], before[field], field).length > 0,
  );
  return changed ? [...errors, forbidden('spec', STATEFUL_SET_UPDATE)] : errors;
}

interface DaemonSetSpec extends WorkloadSpec {
  readonly updateStrategy?: { type?: string; rollingUpdate?: RollingUpdate };
}

export function validateDaemonSet(set: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf<DaemonSetSpec>(set);
  const strategy = spec.updateStrategy;
  const rolling = 'spec.updateStrategy.rollingUpdate';
  return [
    ...validateCounts(spec),
    ...validateSelection(spec, 'daemonset'),
    ...validateEndlessTemplate(spec.template, 'DaemonSet'),
    ...oneOf(strategy?.type, ['OnDelete', 'RollingUpdate'], 'spec.updateStrategy'),
    ...countOrPercent(strategy?.rollingUpdate?.maxUnavailable, `${rolling}.maxUnavailable`),
    ...countOrPercent(strategy?.rollingUpdate?.maxSurge, `${rolling}.maxSurge`),
    ...selectorStays(spec, old),
  ];
}

interface JobSpec {
  readonly activeDeadlineSeconds?: number;
  readonly backoffLimit?: number;
  readonly completionMode?: string;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly template?: PodTemplate;
  readonly ttlSecondsAfterFinished?: number;
}

const JOB_COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
] as const;

function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = JOB_COUNTS.flatMap((field) => nonNegative(spec[field], `${path}.${field}`));
  errors.push(...validatePodTemplate(spec.template, `${path}.template`));
  errors.push(...oneOf(spec.completionMode, ['NonIndexed', 'Indexed'], `${path}.completionMode`));
  const restartPolicy = spec.template?.spec?.restartPolicy;
  const allowed = ['OnFailure', 'Never'];
  if (restartPolicy === 'Always') {
    const list = allowed.map((one) => JSON.stringify(one)).join(', ');
    const message = `Required value: valid values: ${list}`;
    errors.push({ reason: 'FieldValueRequired', field: `${path}.template.spec.restartPolicy`, message });
  }
  return errors;
}

export function validateJob(job: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf<JobSpec>(job);
  const errors = validateJobSpec(spec, 'spec');
  if (old === undefined) return errors;
  return [...errors, ...immutable(spec.template, specOf<JobSpec>(old).template, 'spec.template')];
}

interface CronJobSpec {
  readonly concurrencyPolicy?: string;
  readonly failedJobsHistoryLimit?: number;
  readonly jobTemplate?: { spec?: JobSpec };
  readonly schedule?: string;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit?: number;
}

const CRON =
  /^(?:@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)|@every \S+|(?:[\d*/,?A-Za-z-]+\s+){4}[\d*/,?A-Za-z-]+)$/;

export function validateCronJob(cronJob: KubeObject): FieldError[] {
  const spec = specOf<CronJobSpec>(cronJob);
  const errors = validateJobSpec(spec.jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec');
  const schedule = spec.schedule ?? '';
  if (schedule === '') errors.push(required('spec.schedule'));
  else if (!CRON.test(schedule.trim())) {
    errors.push(
      invalid(
        'spec.schedule',
        schedule,
        `expected exactly 5 fields, found ${schedule.trim().split(/\s+/).length}: [${schedule.trim().split(/\s+/).join(' ')}]`,
      ),
    );
  }
  errors.push(...oneOf(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy'));
  for (const field of [
    'startingDeadlineSeconds',
    'successfulJobsHistoryLimit',
    'failedJobsHistoryLimit',
  ] as const) {
    errors.push(...nonNegative(spec[field], `spec.${field}`));
  }
  return errors;
}
