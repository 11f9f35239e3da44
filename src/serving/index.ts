export type { ModelSource } from './dataplane/index.js';
export { type RunningServer, type ServerConfig, type ServerOptions, startServer } from './server.js';
