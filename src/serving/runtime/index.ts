export { availableCores } from './availableCores.js';
export { createFakeRuntime, type FakeModel } from './fakeRuntime.js';
export { createOnnxRuntime } from './onnxRuntime.js';
export { createPoolRuntime, type PoolOptions } from './poolRuntime.js';
export type { LoadedModel, LoadOptions, Runtime } from './runtime.js';
export { digestOnThread } from './threadDigest.js';
