/** What `kubectl get` prints: Tables, their columns, and objects reduced to metadata. Pure; `now` is a parameter. */
export { builtinColumns, columnsOf, customColumns } from './columns.js';
export { humanDuration } from './duration.js';
export { findAll, parseJsonPath, type JsonPath } from './json-path.js';
export {
  parseIncludeObject,
  toPartialMetadata,
  toPartialMetadataList,
  toTable,
  wrongPartialMetadata,
  type Column,
  type ColumnDefinition,
  type IncludeObject,
  type ListMeta,
  type MetaVersion,
  type Table,
  type TableOptions,
} from './table.js';
