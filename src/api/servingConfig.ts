/**
 * The contract between the operator and a pod: what `gantry serve --config FILE` reads. The operator writes it into a
 * ConfigMap; it holds no secret and no path, so that the same file works in a container and on a laptop.
 */
import { parseQuantity } from '../base/index.js';
import type { FeatureSpec } from './feature.js';
import type { ModelDeploymentSpec } from './modelDeployment.js';
import { specSchema } from './schema/spec.js';
import { withSchemaDefaults } from './schema/walk.js';

export interface ServingConfig {
  readonly apiVersion: 'gantry.dev/serving.v1alpha1';
  /** The model the typed endpoint and readiness are about. */
  readonly model: { readonly name: string; readonly version: string; readonly digest: string };
  /** Names of typed features, when the ModelDeployment declares them. */
  readonly features: readonly FeatureSpec[];
  readonly batching: { readonly enabled: boolean; readonly maxRows: number };
  readonly queue: { readonly maxRequests: number };
  /** Server-side limit of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Golden runs before readiness. */
  readonly warmup: { readonly runs: number };
  readonly threads: 'auto' | number;
  readonly cache: {
    readonly enabled: boolean;
    readonly ttlSeconds: number;
    /** Bound of the in-process tier, in bytes. */
    readonly maxBytes: number;
  };
  readonly limits: { readonly maxBodyBytes: number };
}

/** All but which model it is about. */
export type ServingSettings = Omit<ServingConfig, 'apiVersion' | 'model'>;

/** What a spec with its defaults filled in says of serving. */
export function servingSettings({
  input,
  serving,
  cache,
}: Pick<ModelDeploymentSpec, 'input' | 'serving' | 'cache'>): ServingSettings {
  return {
    features: input?.features ?? [],
    batching: { enabled: serving.batching.enabled, maxRows: serving.batching.maxRows },
    queue: { maxRequests: serving.queue.maxRequests },
    timeoutMs: serving.timeoutMs,
    warmup: { runs: serving.warmup.runs },
    threads: serving.threads === 'auto' ? 'auto' : Number(serving.threads),
    cache: { enabled: cache.enabled, ttlSeconds: cache.ttlSeconds, maxBytes: bytesOf(cache.maxBytes) },
    limits: { maxBodyBytes: bytesOf(serving.maxBodyBytes) },
  };
}

/** What a spec that says nothing of serving gets: a server without a configuration does the same. */
export function defaultServingSettings(): ServingSettings {
  return servingSettings(withSchemaDefaults(specSchema, {}) as ModelDeploymentSpec);
}

function bytesOf(quantity: string | number): number {
  return Math.floor(parseQuantity(quantity) ?? 0);
}
