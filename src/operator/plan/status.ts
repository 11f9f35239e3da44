import {
  type CacheKind,
  type ModelDeployment,
  type ModelDeploymentSpec,
  type ModelDeploymentStatus,
  PORTS,
} from '../../api/index.js';
import type { OperatorConfig } from '../config.js';
import { selectorLabels } from './children/child.js';
import { type Aspect, conditionsOf, verdictAspects } from './conditions.js';
import { historyOf } from './history.js';
import type { ObservedService } from './observed.js';
import type { Rollout } from './rollout.js';
import type { Verdict } from './verdict.js';

export interface StatusInput {
  readonly declared: ModelDeployment;
  readonly verdict: Verdict;
  /** Available and ModelVerified. */
  readonly aspects: readonly Aspect[];
  readonly rollout: Rollout;
  readonly url: string | undefined;
  readonly cache: CacheKind;
  readonly nowMs: number;
}

export function statusOf(input: StatusInput): ModelDeploymentStatus {
  const { declared, verdict, rollout, url, nowMs } = input;
  const { version, digest } = declared.spec.model;
  const model = verdict.phase === 'Ready' ? { version, digest } : declared.status?.model;
  return {
    observedGeneration: declared.metadata.generation ?? 0,
    phase: verdict.phase,
    ready: `${rollout.ready}/${rollout.wanted}`,
    replicas: rollout.replicas,
    updatedReplicas: rollout.updated,
    readyReplicas: rollout.ready,
    selector: selectorText(declared.metadata.name),
    ...(model !== undefined && { model }),
    ...(url !== undefined && { url }),
    cache: input.cache,
    conditions: conditionsOf(declared, [...verdictAspects(verdict), ...input.aspects], nowMs),
    history: historyOf(declared, verdict, nowMs),
  };
}

/** The status with another verdict, where nothing could be rolled out: the counts stay, and so does the history. */
export function withVerdict(
  declared: ModelDeployment,
  status: ModelDeploymentStatus | undefined,
  verdict: Verdict,
  nowMs: number,
): ModelDeploymentStatus {
  const changed = conditionsOf(declared, verdictAspects(verdict), nowMs);
  const types = new Set(changed.map(({ type }) => type));
  const kept = (status?.conditions ?? []).filter(({ type }) => !types.has(type));
  return {
    ...status,
    observedGeneration: declared.metadata.generation ?? 0,
    phase: verdict.phase,
    conditions: [...changed, ...kept],
  };
}

function selectorText(name: string): string {
  return Object.entries(selectorLabels(name))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Where clients reach the model; undefined as long as the template asks for an address there is not yet. */
export function urlOf(
  template: string,
  declared: ModelDeployment,
  service: ObservedService | undefined,
): string | undefined {
  const clusterIP = service?.spec?.clusterIP ?? '';
  if (template.includes('{clusterIP}') && (clusterIP === '' || clusterIP === 'None')) return undefined;
  const values: Readonly<Record<string, string>> = {
    name: declared.metadata.name,
    namespace: declared.metadata.namespace ?? 'default',
    clusterIP,
    port: String(PORTS.http),
  };
  const scheme = declared.spec.serving.tls === undefined ? template : template.replace(/^http:/, 'https:');
  return scheme.replace(/\{(\w+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
}

/** The cache the pods of this spec use. */
export function cacheOf(spec: ModelDeploymentSpec, config: OperatorConfig): CacheKind {
  const { enabled, redis } = spec.cache;
  if (!enabled) return 'Off';
  const hasRedis =
    redis?.secretRef !== undefined || (redis?.managed === true && config.managedRedisUrl !== undefined);
  return hasRedis ? 'Redis' : 'Memory';
}
