/** A Kubernetes cluster on this machine: API server, controllers and a node, none of which knows what runs on it. */
export * from './apiserver/index.js';
export { createControllers, type ControllersOptions, type Runner } from './controllers/index.js';
export { createNodeAgent, type LocalImage, type NodeAgent, type NodeAgentOptions } from './node/index.js';
