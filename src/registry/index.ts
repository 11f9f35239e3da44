export { BACKUP_FOLDER, backupVersion, findBackup, listBackups, restoreVersion } from './backup.js';
export { type RunExample, replayGolden } from './golden.js';
export {
  compareVersions,
  isModelName,
  isStage,
  isVersion,
  METADATA_FILE,
  MODEL_FILE,
  type Stage,
  STAGES,
  versionFolder,
} from './layout.js';
export {
  type GoldenExample,
  type GoldenTensor,
  type ModelMetadata,
  parseMetadata,
  readMetadata,
  type TensorDescription,
} from './metadata.js';
export { type Promotion, promoteVersion } from './promotion.js';
export {
  findVersion,
  listVersions,
  type ModelVersion,
  type VerifiedVersion,
  verifyVersion,
} from './registry.js';
