export { GrpcListener, type GrpcListenerOptions } from './grpcListener.js';
export type { AnsweredCall } from './answers.js';
