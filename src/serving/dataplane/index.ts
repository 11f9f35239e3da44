export { type ModelChange, ModelCatalogue, type ModelListing, type PreparedChange } from './catalogue.js';
export {
  CACHE_AS_CONFIGURED,
  PAST_CACHE,
  type CacheDirective,
  type CacheOutcome,
  type CacheResult,
  type Predict,
  type PredictContext,
  type Prediction,
  type PredictionResult,
  type StageObserver,
} from './predict.js';
export type { Plan } from './plan.js';
export { CacheStage, type CacheStageOptions } from './cacheStage.js';
export { MissCost } from './missCost.js';
export type { CachedModel, DataPlaneOptions, ModelSource, ServedModel } from './servedModel.js';
export { Distribution, ModelStatistics } from './statistics.js';
