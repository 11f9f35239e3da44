export type { ModelSource } from './dataplane/index.js';
export { decodeInferRequest, encodeInferResponse } from './protocol/index.js';
export { createOnnxRuntime } from './runtime/onnxRuntime.js';
export { type RunningServer, type ServerConfig, type ServerOptions, startServer } from './server.js';
