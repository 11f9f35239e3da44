/**
 * The one way out of this module: bytes to an API server and back. Production speaks TLS, a simulation calls the
 * local API server in the same process.
 */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path with its query string, percent-encoded: `/api/v1/pods?watch=true`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Aborting it ends the request, or the stream of a watch. */
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** Lower-case names; a header sent several times (Warning) is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks of any size. Throws when the connection breaks; ends when the server closes it. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Transport {
  /** Rejects when there is no answer at all (refused, reset, aborted); every HTTP status resolves. */
  send(request: ApiRequest): Promise<ApiResponse>;
}
