import type { ModelDeploymentSpec, ServingConfig } from '../../../api/index.js';
import { parseQuantity } from '../../../base/index.js';

/** What the pods of this spec are told to serve. */
export function servingConfigOf(spec: ModelDeploymentSpec): ServingConfig {
  const { model, serving, cache } = spec;
  return {
    apiVersion: 'gantry.dev/serving.v1alpha1',
    model: { name: model.name, version: model.version, digest: model.digest },
    features: spec.input?.features ?? [],
    batching: { enabled: serving.batching.enabled, maxRows: serving.batching.maxRows },
    queue: { maxRequests: serving.queue.maxRequests },
    timeoutMs: serving.timeoutMs,
    warmup: { runs: serving.warmup.runs },
    threads: serving.threads === 'auto' ? 'auto' : Number(serving.threads),
    cache: { enabled: cache.enabled, ttlSeconds: cache.ttlSeconds, maxBytes: bytesOf(cache.maxBytes) },
    limits: { maxBodyBytes: bytesOf(serving.maxBodyBytes) },
  };
}

function bytesOf(quantity: string | number): number {
  return Math.floor(parseQuantity(quantity) ?? 0);
}
