/** What `gantry local` prints once everything is up. Pure. */
import type { FeatureSpec, ModelDeployment } from '../../api/index.js';
import { formatTable } from '../io.js';

export interface ReadyReport {
  readonly seconds: number;
  readonly kubeconfig: string;
  /** The kubectl to paste: `kubectl`, or the path of the one that was unpacked. */
  readonly kubectl: string;
  readonly models: readonly ModelDeployment[];
  /** Why the cache is in the pods alone; empty when there is Redis. */
  readonly withoutRedis: string;
  readonly logFile: string;
}

function exampleOf(feature: FeatureSpec): unknown {
  return feature.example ?? feature.default ?? feature.enum?.[0] ?? feature.minimum ?? 0;
}

/** A prediction to paste: typed features where the ModelDeployment declares them, else the model's metadata. */
function curlLine(model: ModelDeployment): string {
  const url = model.status?.url ?? '';
  const features = model.spec.input?.features ?? [];
  if (features.length === 0) return `curl -s ${url}/v2/models/${model.spec.model.name}`;
  const values = Object.fromEntries(features.map((feature) => [feature.name, exampleOf(feature)]));
  const body = JSON.stringify({ features: values });
  return `curl -s ${url}/predict -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
}

function modelRows(models: readonly ModelDeployment[]): string {
  const rows = models.map(({ metadata, spec, status }) => [
    metadata.namespace ?? '',
    metadata.name,
    spec.model.version,
    `${status?.readyReplicas ?? 0}/${status?.replicas ?? 0}`,
    status?.url ?? '',
  ]);
  return formatTable(['NAMESPACE', 'NAME', 'VERSION', 'READY', 'URL'], rows);
}

/** What a person has to do about models that will not become ready by themselves. */
function stalledLines(models: readonly ModelDeployment[]): string[] {
  return models.flatMap(({ metadata, status }) => {
    const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
    return stalled?.status === 'True' ? [`not ready: ${metadata.name}: ${stalled.message}`] : [];
  });
}

export function formatReport(report: ReadyReport): string {
  const { seconds, kubeconfig, kubectl, models, withoutRedis } = report;
  const ready = models.filter((model) => model.status?.url !== undefined);
  const first = ready.find((model) => (model.spec.input?.features ?? []).length > 0) ?? ready[0];
  return [
    `ready in ${seconds.toFixed(1)} s`,
    '',
    `kubeconfig  ${kubeconfig}`,
    `log         ${report.logFile}`,
    ...(withoutRedis === '' ? [] : [`cache       ${withoutRedis}`]),
    ...(models.length === 0 ? [] : ['', modelRows(models), ...stalledLines(models)]),
    '',
    'try it:',
    `  ${kubectl} --kubeconfig ${kubeconfig} get md`,
    ...(first === undefined ? [] : [`  ${curlLine(first)}`, '', `API docs    ${first.status?.url}/docs`]),
    '',
    'Ctrl-C stops everything; the next start finds this state again.',
    '',
  ].join('\n');
}
