export { type ControllersOptions, type Runner } from './context.js';
export { createControllers } from './controllers.js';
