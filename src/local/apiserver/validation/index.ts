export { validateBuiltin } from './builtin.js';
export { type BuiltinKind, defaultBuiltin } from './defaults.js';
export { validateMetadata, validateMetadataUpdate, type MetadataOptions } from './metadata.js';
