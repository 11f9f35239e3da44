/** How each protocol names what went wrong. */
import type { InferenceError, InferenceErrorCode } from './inference.js';

interface Status {
  readonly http: number;
  /** Numbers of google.rpc.Code. */
  readonly grpc: number;
}

const STATUS: Readonly<Record<InferenceErrorCode, Status>> = {
  InvalidArgument: { http: 400, grpc: 3 },
  Unauthenticated: { http: 401, grpc: 16 },
  PermissionDenied: { http: 403, grpc: 7 },
  ModelNotFound: { http: 404, grpc: 5 },
  VersionNotFound: { http: 404, grpc: 5 },
  PayloadTooLarge: { http: 413, grpc: 8 },
  UnsupportedEncoding: { http: 415, grpc: 12 },
  Cancelled: { http: 499, grpc: 1 },
  RateLimited: { http: 429, grpc: 8 },
  ModelFailed: { http: 500, grpc: 13 },
  NotReady: { http: 503, grpc: 14 },
  QueueFull: { http: 503, grpc: 8 },
  DeadlineExceeded: { http: 504, grpc: 4 },
};

export function httpStatus(code: InferenceErrorCode): number {
  return STATUS[code].http;
}

export function grpcStatus(code: InferenceErrorCode): number {
  return STATUS[code].grpc;
}

/** One line: `inputs[0].shape: …`. */
export function errorText(error: InferenceError): string {
  return error.place === undefined ? error.message : `${error.place}: ${error.message}`;
}

/** The body every client of the protocol looks for when the status is not 200. */
export function errorBody(error: InferenceError): { readonly error: string } {
  return { error: errorText(error) };
}
