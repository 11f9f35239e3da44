export type { FeatureSpec } from './feature.js';
export type { ServingConfig } from './servingConfig.js';
