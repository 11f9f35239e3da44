/** The Targets cell of a HorizontalPodAutoscaler: `<current>/<wanted>` of at most two metrics. */
import type { KubeObject } from '../../../kube/index.js';
import { objectAt, type JsonObject } from '../json.js';
import { NONE } from './column.js';
import { integer, intOrString, objects, part } from './read.js';

const UNKNOWN = '<unknown>';
const SHOWN = 2;

/** autoscaling/v2 metrics, or autoscaling/v1's target CPU utilisation. */
export function hpaTargets(hpa: KubeObject): string {
  const spec = part(hpa, 'spec');
  if (typeof spec['targetCPUUtilizationPercentage'] === 'number') {
    const current = part(hpa, 'status')['currentCPUUtilizationPercentage'];
    return `${percent(current)}/${spec['targetCPUUtilizationPercentage']}%`;
  }
  const current = objects(part(hpa, 'status'), 'currentMetrics');
  const metrics = objects(spec, 'metrics').map((metric, i) => oneTarget(metric, current[i]));
  if (metrics.length === 0) return NONE;
  const more = metrics.length > SHOWN ? ` + ${metrics.length - SHOWN} more...` : '';
  return metrics.slice(0, SHOWN).join(', ') + more;
}

const SOURCES = ['resource', 'containerResource', 'pods', 'object', 'external'] as const;

function oneTarget(metric: JsonObject, status: JsonObject | undefined): string {
  const source = SOURCES.find((name) => objectAt(metric, name) !== undefined);
  if (source === undefined) return '<unknown type>';
  const target = part(metric, `${source}.target`);
  const current = status === undefined ? {} : part(status, `${source}.current`);
  if (target['averageUtilization'] !== undefined) {
    return `${percent(current['averageUtilization'])}/${integer(target, 'averageUtilization')}%`;
  }
  if (target['averageValue'] !== undefined) {
    const suffix = source === 'object' || source === 'external' ? ' (avg)' : '';
    return `${intOrString(current['averageValue'], UNKNOWN)}/${intOrString(target['averageValue'], '')}${suffix}`;
  }
  return `${intOrString(current['value'], UNKNOWN)}/${intOrString(target['value'], '<auto>')}`;
}

function percent(value: unknown): string {
  return typeof value === 'number' ? `${value}%` : UNKNOWN;
}
