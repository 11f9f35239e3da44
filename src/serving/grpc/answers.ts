/** How a call is answered: errors as gRPC statuses, a word to the access log, and no request that is no message. */
import {
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServiceError,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { type Clock, fail, type Logger, messageOf, type Result } from '../../base/index.js';
import type { Admission, Client } from '../auth/index.js';
import { requestContext, type RequestContext } from '../http/requestContext.js';
import type { InferenceError } from '../protocol/inference.js';
import { errorText, grpcStatus } from '../protocol/status.js';
import { MALFORMED } from './services.js';

/** A call as the logs and counters see it. */
export interface AnsweredCall {
  readonly context: RequestContext;
  /** Undefined when it is not known, and where everybody may ask. */
  readonly client: Client | undefined;
  /** `/inference.GRPCInferenceService/ModelInfer` */
  readonly path: string;
  /** Number of google.rpc.Code. */
  readonly status: number;
  readonly durationMs: number;
}

export interface CallObserver {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onAnswered: (call: AnsweredCall) => void;
}

/** Logs a bug: its reason never goes to the client. */
export function logFailure({ logger }: CallObserver, { id }: RequestContext, error: unknown): void {
  logger.error({ requestId: id, reason: messageOf(error) }, 'call failed');
}

/** What the methods need to know of the server around them. */
export interface MethodOptions extends CallObserver {
  readonly clientOf: (metadata: Metadata) => Client | undefined;
  /** Asks again, in the middle of a call from `peer`, whether it may go on. */
  readonly admit: (metadata: Metadata, peer: string) => Admission | Promise<Admission>;
}

export const NO_MESSAGE: InferenceError = {
  code: 'InvalidArgument',
  message: 'the request is no message of the type this method takes',
};

type Handle<Request, Response> = (
  request: Request,
  call: ServerUnaryCall<Request, Response>,
  client: Client | undefined,
) => Result<Response, InferenceError> | Promise<Result<Response, InferenceError>>;

/** A method of one request and one answer. `handle` gives errors as values; what it throws is INTERNAL. */
export function unary<Request, Response>(
  handle: Handle<Request, Response>,
  options: MethodOptions,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const startedAt = options.clock.monotonic();
    const context = contextOf(call.metadata);
    const client = options.clientOf(call.metadata);
    const answered = settled(
      () => handle(call.request, call, client),
      call.request,
      (error) => logFailure(options, context, error),
    );
    void answered.then((result) => {
      const failure = result.ok ? undefined : failureStatus(result.error);
      if (result.ok) callback(null, result.value);
      else callback(failure as Partial<ServiceError>);
      options.onAnswered({
        context,
        client,
        path: call.getPath(),
        status: call.cancelled ? status.CANCELLED : (failure?.code ?? status.OK),
        durationMs: options.clock.monotonic() - startedAt,
      });
    });
  };
}

async function settled<Response>(
  answer: () => Result<Response, InferenceError> | Promise<Result<Response, InferenceError>>,
  request: unknown,
  onFailure: (error: unknown) => void,
): Promise<Result<Response, InferenceError>> {
  if (request === MALFORMED) return fail(NO_MESSAGE);
  try {
    return await answer();
  } catch (error) {
    onFailure(error);
    return fail({ code: 'ModelFailed', message: 'the server failed to answer this call' });
  }
}

export function contextOf(metadata: Metadata): RequestContext {
  const text = (key: string): string | undefined => metadata.get(key)[0]?.toString();
  return requestContext({ 'x-request-id': text('x-request-id'), traceparent: text('traceparent') });
}

const MAX_DETAILS = 1000;

/** The status of `error`; whoever is to come back later is told when, as gRPC's retry policy has it (proposal A6). */
export function failureStatus(error: InferenceError): Pick<StatusObject, 'code' | 'details' | 'metadata'> {
  const metadata = new Metadata();
  if (error.retryAfterSeconds !== undefined) {
    metadata.set('grpc-retry-pushback-ms', String(Math.ceil(error.retryAfterSeconds * 1000)));
  }
  return { code: grpcStatus(error.code), details: statusText(errorText(error)), metadata };
}

/** Details travel in a trailer, percent-encoded: of bounded length, and without halves of surrogate pairs. */
function statusText(text: string): string {
  return Buffer.from(text.slice(0, MAX_DETAILS)).toString();
}
