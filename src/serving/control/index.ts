export { LocalChanges } from './localChanges.js';
export { ModelControl } from './modelControl.js';
export type { ModelRepository } from './repository.js';
export { refuseParameters } from './parameters.js';
