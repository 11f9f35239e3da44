/** Loaded at the first gRPC probe. As a module of its own: a bundle's `import()` of a CommonJS package loses its names. */
export { Client, credentials } from '@grpc/grpc-js';
