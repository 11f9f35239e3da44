import { type ModelDeploymentSpec, type ServingConfig, servingSettings } from '../../../api/index.js';

/** What the pods of this spec are told to serve. */
export function servingConfigOf(spec: ModelDeploymentSpec): ServingConfig {
  const { name, version, digest } = spec.model;
  return {
    apiVersion: 'gantry.dev/serving.v1alpha1',
    model: { name, version, digest },
    ...servingSettings(spec),
  };
}
