/** Builders of ModelDeployments. */
import type { ModelDeployment, ModelDeploymentStatus } from '../../src/api/index.js';
import { withDefaults } from '../../src/api/index.js';

export const DIGEST_1 = `sha256:${'1'.repeat(64)}`;
export const DIGEST_2 = `sha256:${'2'.repeat(64)}`;

export interface ModelDeploymentParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: ModelDeploymentStatus;
}

/** As a user writes it: a valid one, with the given fields of the spec over those of the sample. */
export function manifest(parts: ModelDeploymentParts = {}) {
  return {
    apiVersion: 'gantry.dev/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name: parts.name ?? 'volatility', namespace: parts.namespace ?? 'default' },
    spec: { model: { name: 'volatility', version: '1', digest: DIGEST_1 }, ...parts.spec },
  };
}

/** As the API server has stored it. */
export function storedModelDeployment(parts: ModelDeploymentParts = {}): ModelDeployment {
  const declared = manifest(parts) as unknown as ModelDeployment;
  return withDefaults({
    ...declared,
    metadata: { ...declared.metadata, uid: parts.uid ?? 'uid-1', generation: parts.generation ?? 1 },
    status: parts.status ?? { observedGeneration: -1 },
  });
}
