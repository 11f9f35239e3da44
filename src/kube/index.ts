export { type KubeList, type KubeObject, objectKey, type ObjectMeta, type OwnerReference, type ResourceType, type Status, type WatchEvent } from './object.js';
export type { ApiRequest, ApiResponse, Transport } from './transport.js';
