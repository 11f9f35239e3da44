import type { IncomingHttpHeaders } from 'node:http';
import { ok, type Result } from '../../base/index.js';
import type { InferenceError, InferenceRequest, InferenceResponse } from '../protocol/inference.js';
import type { ModelSignature } from '../protocol/tensor.js';

export interface EncodedPrediction {
  readonly contentType: string;
  readonly body: string | readonly Uint8Array[];
  /** Further headers: name, value, name, value … */
  readonly headers: readonly string[];
}

/** A request in one of the protocols' forms, and how its answer is written. */
export interface DecodedPrediction {
  readonly request: InferenceRequest;
  encode(response: InferenceResponse): Result<EncodedPrediction, InferenceError>;
}

/** One way to ask for a prediction over HTTP: V2, V1 or typed. */
export interface PredictionCodec {
  /** Tells the forms apart. */
  readonly name: 'v1' | 'v2' | 'typed';
  decode(
    body: Uint8Array,
    headers: IncomingHttpHeaders,
    signature: ModelSignature,
  ): Result<DecodedPrediction, InferenceError>;
}

/** A JSON body with nothing special about it. */
export function jsonBytes(
  encoded: Result<Uint8Array, InferenceError>,
): Result<EncodedPrediction, InferenceError> {
  return encoded.ok ? ok({ contentType: 'application/json', body: [encoded.value], headers: [] }) : encoded;
}
