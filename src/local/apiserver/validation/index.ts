export { validateBuiltin, validateBuiltinStatus } from './builtin.js';
export { type BuiltinKind, defaultBuiltin } from './defaults.js';
export { validateMetadata, validateMetadataUpdate, type MetadataOptions } from './metadata.js';
export { unreadableText } from './unreadable-text.js';
