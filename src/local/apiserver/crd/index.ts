export { type CustomKindSchema, type CustomVerdict, validateCustom } from './custom-object.js';
export { defaultCrd, initialStatus } from './defaults.js';
export {
  conditionOf,
  type Definition,
  type DefinitionNames,
  type DefinitionStatus,
  type DefinitionVersion,
  isEstablished,
} from './definition.js';
export { kindsOfCrd } from './kinds.js';
export { CLEANUP_FINALIZER, isTerminating, settleCrd, terminatingStatus } from './lifecycle.js';
export { crdWarnings, validateCrd } from './validate-crd.js';
