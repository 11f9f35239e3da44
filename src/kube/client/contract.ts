import type { KubeList, KubeObject, ResourceType, WatchEvent } from '../object.js';
import type { ApiRequest, ApiResponse } from '../transport.js';

export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface CallOptions {
  /** Aborting it ends the request. */
  readonly signal?: AbortSignal | undefined;
}

export interface Selection {
  /** All namespaces when not given. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection, CallOptions {
  /** Objects in a page; the answer's `metadata.continue` asks for the next one. */
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface WatchOptions extends Selection {
  /** Events after this version; the one of a list, an event or a bookmark. */
  readonly resourceVersion: string;
  /** True when not given. */
  readonly allowBookmarks?: boolean | undefined;
  /** When the server is to end the stream. A stream that outlives it by `READ_GRACE_MS` is taken for dead. */
  readonly timeoutSeconds?: number | undefined;
  /** Aborting it ends the stream by a rejection with the signal's reason. */
  readonly signal: AbortSignal;
}

export type Subresource = 'status' | 'scale';

export interface WriteOptions extends CallOptions {
  readonly subresource?: Subresource | undefined;
}

export interface PatchOptions extends WriteOptions {
  readonly type: 'merge' | 'json' | 'strategic' | 'apply';
  /** Of an apply: takes fields over from other managers instead of a conflict. */
  readonly force?: boolean | undefined;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes fields over from other managers instead of a conflict. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions extends CallOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

/**
 * Kubernetes' verbs over a Transport. Every method rejects with an ApiError when the server refuses, with the
 * transport's error when there is no answer, and with a RequestTimeoutError when there is none in time.
 */
export interface Client {
  get<T extends KubeObject>(type: ResourceType, ref: ObjectRef, options?: CallOptions): Promise<T>;
  /** One page, or everything when there is no `limit`; see `listAll`. Items carry apiVersion and kind. */
  list<T extends KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>>;
  /** Ends when the server ends the stream; throws when it breaks. ERROR events are handed on as they come. */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(type: ResourceType, object: T, options?: CallOptions): Promise<T>;
  /** Replaces the object, or its subresource; a `metadata.resourceVersion` in it must be the current one. */
  update<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    body: unknown,
    options: PatchOptions,
  ): Promise<T>;
  /** Server-side apply with the client's field manager: the fields in `object` become its, those it left out go. */
  apply<T extends KubeObject>(type: ResourceType, object: T, options?: ApplyOptions): Promise<T>;
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  /** Any request (logs, discovery); every status resolves, and reading or ending the body is the caller's. */
  raw(request: ApiRequest): Promise<ApiResponse>;
}
