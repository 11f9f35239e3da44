export { builtinSchema, definitionName } from './builtin.js';
export type { Schema } from './schema.js';
