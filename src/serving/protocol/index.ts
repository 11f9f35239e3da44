export {
  allocate,
  bytesOf,
  elementBytes,
  elementsOf,
  type FixedDatatype,
  isDatatype,
  travelsInJson,
  type TypedArray,
} from './datatype.js';
export { decodeGrpcRequest, type GrpcRequest } from './grpc/decodeRequest.js';
export { encodeGrpcResponse } from './grpc/encodeResponse.js';
export type { ModelInferRequest, ModelInferResponse } from './grpc/messages.js';
export { expandedBytes } from './grpc/readContents.js';
export { readInferRequest } from './grpc/readInferRequest.js';
export type {
  InferenceError,
  InferenceErrorCode,
  InferenceRequest,
  InferenceResponse,
  ParameterValue,
  RequestedOutput,
} from './inference.js';
export { predictionKey } from './key.js';
export { elementCount, formatShape, shapeMatches } from './shape.js';
export { errorBody, errorText, grpcStatus, httpStatus } from './status.js';
export {
  type Datatype,
  DATATYPES,
  type ModelSignature,
  type Tensor,
  type TensorData,
  type TensorSignature,
} from './tensor.js';
export { type DecodeOptions, decodeInferRequest } from './v2/decodeRequest.js';
export { type EncodedResponse, encodeInferResponse, type WantedEncoding } from './v2/encodeResponse.js';
export type { JsonSchema } from './typed/rowSchema.js';
export { createTypedEndpoint, type TypedEndpoint, type TypedRequest } from './typed/typedEndpoint.js';
export { decodeV1Request, type V1Form, type V1Request } from './v1/decodeRequest.js';
export { encodeV1Response } from './v1/encodeResponse.js';
export { modelConfiguration, type ModelConfiguration } from './v2/modelConfiguration.js';
