export {
  ApiError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isTooManyRequests,
  isUnauthorized,
} from './apiError.js';
export { type ClientOptions, createClient } from './client/client.js';
export type {
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  ListOptions,
  ObjectRef,
  PatchOptions,
  Selection,
  Subresource,
  WatchOptions,
  WriteOptions,
} from './client/contract.js';
export { RequestTimeoutError } from './client/exchange.js';
export { listAll } from './client/listAll.js';
export { resourcePath } from './client/path.js';
export {
  type Controller,
  type ControllerOptions,
  createController,
  type ReconcileContext,
  type ReconcileResult,
  TerminalError,
} from './controller/controller.js';
export type { EventType } from './events/eventCorrelator.js';
export {
  createEventRecorder,
  type EventRecorder,
  type EventRecorderOptions,
} from './events/eventRecorder.js';
export type { Change } from './informer/cache.js';
export type { InCluster, KubeconfigFile } from './http/accessSources.js';
export { type HttpTransport, httpTransport, type HttpTransportOptions } from './http/httpTransport.js';
export {
  type ChangeHandler,
  createInformer,
  type Informer,
  type InformerOptions,
} from './informer/informer.js';
export type { IndexFunction, Store } from './informer/store.js';
export type { Lease } from './leader/lease.js';
export {
  createLeaderElector,
  type LeaderCallbacks,
  type LeaderElector,
  type LeaderElectorOptions,
} from './leader/leaderElector.js';
export {
  controllerOf,
  type KubeList,
  type KubeObject,
  objectKey,
  type ObjectMeta,
  type OwnerReference,
  type ResourceType,
  splitKey,
  type Status,
  type WatchEvent,
} from './object.js';
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './queue/workQueue.js';
export { apiVersionOf, isOfType, resourceTypes } from './resourceTypes.js';
export type { ApiRequest, ApiResponse, Transport } from './transport.js';
