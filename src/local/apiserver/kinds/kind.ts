import type { KubeObject, ResourceType } from '../../../kube/index.js';
import type { Schema } from '../schema/schema.js';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A column of `kubectl get`: CustomResourceColumnDefinition of apiextensions/v1. */
export interface PrinterColumn {
  readonly name: string;
  /** `string`, `integer`, `number`, `boolean`, `date`. */
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, greater ones only with `-o wide`. */
  readonly priority?: number;
  /** `.spec.model.version` */
  readonly jsonPath: string;
}

/** Where the scale subresource reads and writes, as simple JSON paths (`.spec.replicas`). */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  /** A path to a serialised selector (custom resources) or to a LabelSelector (built-in kinds). */
  readonly labelSelectorPath?: string;
}

/** A subresource that is not `status` or `scale`: `pods/log`, `pods/eviction`, `serviceaccounts/token`. */
export interface OtherSubresource {
  readonly name: string;
  /** The kind of what is sent to it. */
  readonly kind: string;
  /** Group and version of that kind where they are not the parent's. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

/** What of a custom resource's definition its requests need. */
export interface CustomKind {
  /** metadata.name of the CustomResourceDefinition. */
  readonly definition: string;
  /** The version objects are stored in. */
  readonly storageVersion: string;
  /** spec.preserveUnknownFields, or `x-kubernetes-preserve-unknown-fields` at the root. */
  readonly preserveUnknownFields: boolean;
  /** Set when the version is deprecated: the text of the Warning header. */
  readonly deprecationWarning?: string;
  /** The definition is being deleted: creates are refused with 403. */
  readonly terminating: boolean;
}

/** One served kind in one version: everything the server knows about it. A new kind is a row. */
export interface KindRow extends ResourceType {
  /** Lower-case singular name. */
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  /** `group/plural` under which objects are stored; rows that share it are views of the same objects. */
  readonly storageKey: string;
  readonly status: boolean;
  readonly scale?: ScalePaths;
  readonly otherSubresources: readonly OtherSubresource[];
  /**
   * What raises metadata.generation: a change of `spec`, of `all` but metadata (custom resources without status
   * subresource), or nothing (`none`: the kind has no generation).
   */
  readonly generation: 'spec' | 'all' | 'none';
  /** Paths a fieldSelector may name beside metadata.name and metadata.namespace, without a leading dot. */
  readonly selectableFields: readonly string[];
  /** The type's schema; undefined where any JSON is taken. Loaded at first use. */
  readonly schema: () => Schema | undefined;
  /** additionalPrinterColumns of a custom resource; built-in kinds have theirs in table/. */
  readonly columns?: readonly PrinterColumn[];
  readonly custom?: CustomKind;
  /** Turns a stored custom resource into this version: its apiVersion and the defaults of today's schema. */
  readonly readDefaults?: (object: KubeObject) => KubeObject;
}

/** `v1`, `apps/v1`. */
export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** `pods`, `deployments.apps`: how messages name a resource. */
export function qualifiedResource(kind: { readonly group: string; readonly plural: string }): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** `Pod`, `Deployment.apps`: how messages name a kind. */
export function qualifiedKind(kind: { readonly group: string; readonly kind: string }): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}
