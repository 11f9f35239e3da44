export type { ModelSource } from './dataplane/index.js';
export { decodeInferRequest, encodeInferResponse } from './protocol/index.js';
export { availableCores } from './runtime/availableCores.js';
export { createOnnxRuntime } from './runtime/onnxRuntime.js';
export type { AccessLogConfig, TraceSampling, TracingConfig } from './telemetry/index.js';
export { type RunningServer, startServer } from './server.js';
export type { ServerAccess, ServerConfig, ServerOptions } from './serverOptions.js';
