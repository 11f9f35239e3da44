/** Tables (meta.k8s.io/v1), which `kubectl get` asks for, and objects reduced to their metadata. */
import type { KubeObject } from '../../../kube/index.js';
import { badRequest, failure, type StatusError } from '../status.js';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, greater ones only with `-o wide`. */
  readonly priority: number;
}

export interface Column {
  readonly definition: ColumnDefinition;
  /** The cell of one object: a JSON value. `now` is in epoch milliseconds. */
  readonly cell: (object: KubeObject, now: number) => unknown;
}

export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';
export type MetaVersion = 'v1' | 'v1beta1';

export interface TableOptions {
  readonly includeObject: IncludeObject;
  /** Epoch milliseconds, for ages. */
  readonly now: number;
  readonly listMeta: ListMeta;
  /** Version of meta.k8s.io the client asked for; v1 unless said. */
  readonly version?: MetaVersion;
  /** False for all but the first event of a watch, whose later tables repeat no column definitions. */
  readonly withColumns?: boolean;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly ColumnDefinition[] | null;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: unknown }[];
}

/** `objects` as rows. For a single object `listMeta` is `{resourceVersion}` of that object. */
export function toTable(
  objects: readonly KubeObject[],
  columns: readonly Column[],
  options: TableOptions,
): Table {
  const version = options.version ?? 'v1';
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: options.listMeta,
    columnDefinitions: options.withColumns === false ? null : columns.map((column) => column.definition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.now)),
      object: included(object, options.includeObject, version),
    })),
  };
}

function included(object: KubeObject, include: IncludeObject, version: MetaVersion): unknown {
  if (include === 'None') return null;
  return include === 'Object' ? object : toPartialMetadata(object, version);
}

/** PartialObjectMetadata: the object without all but its metadata. */
export function toPartialMetadata(object: KubeObject, version: MetaVersion = 'v1'): KubeObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata,
  };
}

export function toPartialMetadataList(
  objects: readonly KubeObject[],
  listMeta: ListMeta,
  version: MetaVersion = 'v1',
): { kind: string; apiVersion: string; metadata: ListMeta; items: KubeObject[] } {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: listMeta,
    items: objects.map((object) => toPartialMetadata(object, version)),
  };
}

/** The includeObject query parameter; absent or empty means Metadata. Throws 400. */
export function parseIncludeObject(text: string | undefined): IncludeObject {
  if (text === undefined || text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  const rule = `must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: ${rule}`,
  );
}

/** 406 for `as=PartialObjectMetadata` of a list, or `…List` of one object. `goType` is such as `core.ConfigMap`. */
export function wrongPartialMetadata(asked: 'object' | 'list', goType: string): StatusError {
  const message =
    asked === 'object'
      ? `you requested PartialObjectMetadata, but the requested object is a list (*${goType})`
      : `you requested PartialObjectMetadataList, but the requested object is not a list (*${goType})`;
  return failure({ code: 406, reason: 'NotAcceptable', message });
}
