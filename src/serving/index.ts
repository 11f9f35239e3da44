export type { ModelSource } from './dataplane/index.js';
export { decodeInferRequest, encodeInferResponse } from './protocol/index.js';
export { createOnnxRuntime } from './runtime/onnxRuntime.js';
export { type RunningServer, startServer } from './server.js';
export type { ServerConfig, ServerOptions } from './serverOptions.js';
