/**
 * The messages of `inference.GRPCInferenceService`: requests as readInferRequest.ts gives them, answers as
 * @grpc/proto-loader takes them with `keepCase` and `longs: String` (64-bit integers stay exact). Source:
 * open-inference-protocol, the gRPC API.
 */
export interface InferParameter {
  readonly bool_param?: boolean;
  readonly int64_param?: string | number;
  readonly uint64_param?: string | number;
  readonly double_param?: number;
  readonly string_param?: string;
}

export type InferParameters = Readonly<Record<string, InferParameter>>;

export interface TensorContents {
  readonly bool_contents?: readonly boolean[];
  readonly int_contents?: readonly number[];
  readonly int64_contents?: readonly (string | number)[];
  readonly uint_contents?: readonly number[];
  readonly uint64_contents?: readonly (string | number)[];
  readonly fp32_contents?: readonly number[];
  readonly fp64_contents?: readonly number[];
  readonly bytes_contents?: readonly Uint8Array[];
}

export interface ModelInferRequest {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: InferParameters;
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    /** Beyond 2^53 not exact, and refused. */
    readonly shape: readonly number[];
    readonly parameters: InferParameters;
    /** The bytes of an InferTensorContents. */
    readonly contents: Uint8Array | undefined;
  }[];
  readonly outputs: readonly { readonly name: string; readonly parameters: InferParameters }[];
  readonly raw_input_contents: readonly Uint8Array[];
  /** Of the message on the wire, once it is unpacked. */
  readonly byteLength: number;
}

export interface ModelInferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: InferParameters;
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly contents?: TensorContents;
  }[];
  readonly raw_output_contents: readonly Uint8Array[];
}
