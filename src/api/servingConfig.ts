/**
 * The contract between the operator and a pod: what `gantry serve --config FILE` reads. The operator writes it into a
 * ConfigMap; it holds no secret and no path, so that the same file works in a container and on a laptop.
 */
import type { FeatureSpec } from './feature.js';

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
