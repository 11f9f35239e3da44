import type { Tensor } from './tensor.js';

export type ParameterValue = string | number | boolean;

export interface RequestedOutput {
  readonly name: string;
  /** Whether the client wants this output as binary (HTTP only). */
  readonly binary: boolean;
}

/** A decoded request, whichever protocol carried it. */
export interface InferenceRequest {
  readonly id?: string;
  readonly inputs: readonly Tensor[];
  /** Empty: every output the model has, in the model's order. */
  readonly outputs: readonly RequestedOutput[];
  /** Wanted encoding of outputs not named in `outputs`. */
  readonly binaryOutputs: boolean;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

export interface InferenceResponse {
  readonly id?: string;
  readonly modelName: string;
  readonly modelVersion: string;
  /** In the order asked for. */
  readonly outputs: readonly Tensor[];
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

/** Codes of everything that can go wrong with a prediction; each protocol maps them to its own status. */
export type InferenceErrorCode =
  | 'InvalidArgument' // HTTP 400, gRPC INVALID_ARGUMENT
  | 'ModelNotFound' // 404, NOT_FOUND
  | 'VersionNotFound' // 404, NOT_FOUND
  | 'NotReady' // 503, UNAVAILABLE
  | 'QueueFull' // 503 + Retry-After, RESOURCE_EXHAUSTED
  | 'DeadlineExceeded' // 504, DEADLINE_EXCEEDED
  | 'Cancelled' // 499 as nginx has it (nobody is there to read it), CANCELLED
  | 'PayloadTooLarge' // 413, RESOURCE_EXHAUSTED
  | 'UnsupportedEncoding' // 415, UNIMPLEMENTED
  | 'Unauthenticated' // 401
  | 'PermissionDenied' // 403
  | 'RateLimited' // 429 + Retry-After
  | 'ModelFailed'; // 500, INTERNAL: onnxruntime refused or broke

/** A failed prediction as a value. `place` names the tensor or field, as in `inputs[0].shape`. */
export interface InferenceError {
  readonly code: InferenceErrorCode;
  readonly message: string;
  readonly place?: string;
  /** For QueueFull and RateLimited: seconds after which to try again. */
  readonly retryAfterSeconds?: number;
}
