export * from './meta.js';
export * from './node.js';
export * from './pod.js';
export * from './selector.js';
export * from './service.js';
export * from './workload.js';
