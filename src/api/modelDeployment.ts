import type { Infer } from './schema/schema.js';
import type { specSchema } from './schema/spec.js';
import type { statusSchema } from './schema/status.js';

export const GROUP = 'gantry.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'ModelDeployment';
export const PLURAL = 'modeldeployments';

/** The spec as the API server keeps it, the CRD's defaults filled in. */
export type ModelDeploymentSpec = Infer<typeof specSchema>;

export type ModelDeploymentStatus = Infer<typeof statusSchema>;
export type Phase = NonNullable<ModelDeploymentStatus['phase']>;
export type CacheKind = NonNullable<ModelDeploymentStatus['cache']>;
export type Condition = NonNullable<ModelDeploymentStatus['conditions']>[number];
export type HistoryEntry = NonNullable<ModelDeploymentStatus['history']>[number];

export type ModelDeployment = {
  apiVersion: typeof API_VERSION;
  kind: typeof KIND;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: ModelDeploymentSpec;
  status?: ModelDeploymentStatus;
};
