export { builtinMetadata, builtinSchema, definitionName } from './builtin.js';
export { applyDefaults } from './defaults.js';
export { duplicateFields } from './duplicates.js';
export { pruneUnknown } from './prune.js';
export type { Schema } from './schema.js';
export { validateSchema, type ValidateOptions } from './validate.js';
