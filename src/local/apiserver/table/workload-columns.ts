/** Columns of what makes pods: apps/v1, batch/v1, ReplicationController and what scales or protects them. */
import type { KubeObject } from '../../../kube/index.js';
import type { JsonObject } from '../json.js';
import {
  AGE,
  column,
  containerColumns,
  formatLabels,
  formatLabelSelector,
  NAME,
  NONE,
  workloadColumns,
  type ColumnSpec,
} from './column.js';
import { ageOf, humanDuration } from './duration.js';
import { hpaTargets } from './hpa-targets.js';
import { integer, intOrString, objects, part, text } from './read.js';

const TEMPLATE = 'spec.template.spec';
const spec = (object: KubeObject): JsonObject => part(object, 'spec');
const status = (object: KubeObject): JsonObject => part(object, 'status');
const labelSelector = (object: KubeObject) => formatLabelSelector(part(object, 'spec.selector'));
const integerColumn = (name: string, cell: (object: KubeObject) => number) =>
  column(name, cell, { type: 'integer' });

const DEPLOYMENT: readonly ColumnSpec[] = [
  NAME,
  column('Ready', (o) => `${integer(status(o), 'readyReplicas')}/${integer(spec(o), 'replicas')}`),
  column('Up-to-date', (o) => integer(status(o), 'updatedReplicas')),
  column('Available', (o) => integer(status(o), 'availableReplicas')),
  AGE,
  ...workloadColumns(TEMPLATE, labelSelector),
];

function replicaColumns(selector: (object: KubeObject) => string): readonly ColumnSpec[] {
  return [
    NAME,
    integerColumn('Desired', (o) => integer(spec(o), 'replicas')),
    integerColumn('Current', (o) => integer(status(o), 'replicas')),
    integerColumn('Ready', (o) => integer(status(o), 'readyReplicas')),
    AGE,
    ...workloadColumns(TEMPLATE, selector),
  ];
}

const STATEFUL_SET: readonly ColumnSpec[] = [
  NAME,
  column('Ready', (o) => `${integer(status(o), 'readyReplicas')}/${integer(spec(o), 'replicas')}`),
  AGE,
  ...containerColumns(TEMPLATE),
];

const DAEMON_SET: readonly ColumnSpec[] = [
  NAME,
  integerColumn('Desired', (o) => integer(status(o), 'desiredNumberScheduled')),
  integerColumn('Current', (o) => integer(status(o), 'currentNumberScheduled')),
  integerColumn('Ready', (o) => integer(status(o), 'numberReady')),
  integerColumn('Up-to-date', (o) => integer(status(o), 'updatedNumberScheduled')),
  integerColumn('Available', (o) => integer(status(o), 'numberAvailable')),
  column('Node Selector', (o) => formatLabels(part(o, `${TEMPLATE}.nodeSelector`))),
  AGE,
  ...workloadColumns(TEMPLATE, labelSelector),
];

const CONTROLLER_REVISION: readonly ColumnSpec[] = [
  NAME,
  column('Controller', (o) => {
    const owner = o.metadata.ownerReferences?.find((each) => each.controller === true);
    if (owner === undefined) return NONE;
    const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
  }),
  column('Revision', (o) => o['revision'] ?? 0),
  AGE,
];

const JOB: readonly ColumnSpec[] = [
  NAME,
  column('Completions', jobCompletions),
  column('Duration', jobDuration),
  AGE,
  ...workloadColumns(TEMPLATE, labelSelector),
];

function jobCompletions(job: KubeObject): string {
  const succeeded = integer(status(job), 'succeeded');
  const completions = spec(job)['completions'];
  if (typeof completions === 'number') return `${succeeded}/${completions}`;
  const parallelism = integer(spec(job), 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, now: number): string {
  const start = Date.parse(text(status(job), 'startTime'));
  if (Number.isNaN(start)) return '';
  const end = Date.parse(text(status(job), 'completionTime'));
  return humanDuration((Number.isNaN(end) ? now : end) - start);
}

const JOB_TEMPLATE = 'spec.jobTemplate.spec.template.spec';

const CRON_JOB: readonly ColumnSpec[] = [
  NAME,
  column('Schedule', (o) => text(spec(o), 'schedule')),
  column('Timezone', (o) => intOrString(spec(o)['timeZone'], NONE)),
  column('Suspend', (o) => (spec(o)['suspend'] === true ? 'True' : 'False'), { type: 'boolean' }),
  integerColumn('Active', (o) => objects(status(o), 'active').length),
  column('Last Schedule', (o, now) => {
    const last = text(status(o), 'lastScheduleTime');
    return last === '' ? NONE : ageOf(last, now);
  }),
  AGE,
  ...workloadColumns(JOB_TEMPLATE, (o) => formatLabelSelector(part(o, 'spec.jobTemplate.spec.selector'))),
];

const HORIZONTAL_POD_AUTOSCALER: readonly ColumnSpec[] = [
  NAME,
  column('Reference', (o) => {
    const target = part(o, 'spec.scaleTargetRef');
    return `${text(target, 'kind')}/${text(target, 'name')}`;
  }),
  column('Targets', hpaTargets),
  column('MinPods', (o) => intOrString(spec(o)['minReplicas'], '<unset>')),
  column('MaxPods', (o) => integer(spec(o), 'maxReplicas')),
  column('Replicas', (o) => integer(status(o), 'currentReplicas')),
  AGE,
];

const POD_DISRUPTION_BUDGET: readonly ColumnSpec[] = [
  NAME,
  column('Min Available', (o) => intOrString(spec(o)['minAvailable'], 'N/A')),
  column('Max Unavailable', (o) => intOrString(spec(o)['maxUnavailable'], 'N/A')),
  integerColumn('Allowed Disruptions', (o) => integer(status(o), 'disruptionsAllowed')),
  AGE,
];

const SCALE: readonly ColumnSpec[] = [
  NAME,
  integerColumn('Desired', (o) => integer(spec(o), 'replicas')),
  integerColumn('Available', (o) => integer(status(o), 'replicas')),
  AGE,
];

export const WORKLOAD_COLUMNS: Readonly<Record<string, readonly ColumnSpec[]>> = {
  Deployment: DEPLOYMENT,
  ReplicaSet: replicaColumns(labelSelector),
  ReplicationController: replicaColumns((o) => formatLabels(part(o, 'spec.selector'))),
  StatefulSet: STATEFUL_SET,
  DaemonSet: DAEMON_SET,
  ControllerRevision: CONTROLLER_REVISION,
  Job: JOB,
  CronJob: CRON_JOB,
  HorizontalPodAutoscaler: HORIZONTAL_POD_AUTOSCALER,
  PodDisruptionBudget: POD_DISRUPTION_BUDGET,
  Scale: SCALE,
};
