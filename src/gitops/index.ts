export {
  carryOut,
  type Change,
  type ManifestBlock,
  type Release,
  type ReplayGolden,
  type Workspace,
} from './change.js';
export { findModelBlocks, type ModelBlock, type ModelReference, spliceModelBlock } from './modelBlock.js';
export { planPromotion, type PromotionRequest } from './promote.js';
export { openRepository } from './repository.js';
export { planRollback } from './rollback.js';
