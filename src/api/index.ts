export {
  type Condition as ModelDeploymentCondition,
  type CacheKind,
  type HistoryEntry,
  API_VERSION,
  GROUP,
  KIND,
  type ModelDeployment,
  type ModelDeploymentSpec,
  type ModelDeploymentStatus,
  type Phase,
  PLURAL,
  VERSION,
} from './modelDeployment.js';
export { CONDITIONS, type ConditionType, type Reason, REASONS } from './conditions.js';
export * from './conventions.js';
export { customResourceDefinition, objectSchema } from './crd.js';
export { DEFAULT_REPLICAS, type Resources, resourcesOf, withDefaults } from './defaults.js';
export { type FeatureSpec, featureSchema } from './feature.js';
export { type Rule, RULES } from './rules.js';
export { type Infer, type Schema, type Scalar } from './schema/schema.js';
export { specSchema } from './schema/spec.js';
export { HISTORY_LIMIT, statusSchema } from './schema/status.js';
export { valuesAt } from './schema/walk.js';
export {
  defaultServingSettings,
  type ServingConfig,
  type ServingSettings,
  servingSettings,
} from './servingConfig.js';
export { validate } from './validate.js';
