/** A gRPC client of the server in a test, made from the server's own description of its services. */
import {
  type CallOptions,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { packageDefinition } from '../../src/serving/grpc/services.js';

export type Message = Record<string, unknown>;

export interface Answer {
  readonly value: Message;
  /** What came before the answer. */
  readonly headers: Metadata | undefined;
}

export class GrpcClient {
  readonly client: Client;

  constructor(address: string, channel: ChannelCredentials = credentials.createInsecure()) {
    this.client = new Client(address, channel, {
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** `path` as in `inference.GRPCInferenceService/ModelInfer`. Rejects with the ServiceError. */
  call(path: string, request: Message, metadata?: Metadata, options: CallOptions = {}): Promise<Answer> {
    const method = methodAt(path);
    return this.#unary(method.path, method.requestSerialize, request, { metadata, options });
  }

  /** Sends bytes that need not be a message. */
  sendBytes(path: string, bytes: Buffer): Promise<Answer> {
    return this.#unary(methodAt(path).path, () => bytes, {}, {});
  }

  /** Starts a call whose answer nobody waits for. */
  start(path: string, request: Message): ClientUnaryCall {
    const { path: url, requestSerialize, responseDeserialize } = methodAt(path);
    return this.client.makeUnaryRequest(url, requestSerialize, responseDeserialize, request, () => undefined);
  }

  watchHealth(): ClientReadableStream<Message> {
    const { path, requestSerialize, responseDeserialize } = methodAt('grpc.health.v1.Health/Watch');
    const deserialize = responseDeserialize as (bytes: Buffer) => Message;
    return this.client.makeServerStreamRequest<Message, Message>(path, requestSerialize, deserialize, {});
  }

  stream(path: string, metadata = new Metadata()): ClientDuplexStream<Message, Message> {
    const { path: url, requestSerialize, responseDeserialize } = methodAt(path);
    return this.client.makeBidiStreamRequest<Message, Message>(
      url,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => Message,
      metadata,
    );
  }

  close(): void {
    this.client.close();
  }

  #unary(
    path: string,
    serialize: (value: object) => Buffer,
    request: Message,
    { metadata, options = {} }: { readonly metadata?: Metadata | undefined; readonly options?: CallOptions },
  ): Promise<Answer> {
    const [service = '', name = ''] = path.slice(1).split('/');
    const deserialize = methodAt(`${service}/${name}`).responseDeserialize as (bytes: Buffer) => Message;
    return new Promise((resolve, reject) => {
      let headers: Metadata | undefined;
      const done = (error: ServiceError | null, value?: Message) => {
        if (error === null && value !== undefined) resolve({ value, headers });
        else reject(error ?? new Error('no answer'));
      };
      const call =
        metadata === undefined
          ? this.client.makeUnaryRequest<object, Message>(
              path,
              serialize,
              deserialize,
              request,
              options,
              done,
            )
          : this.client.makeUnaryRequest<object, Message>(
              path,
              serialize,
              deserialize,
              request,
              metadata,
              options,
              done,
            );
      call.on('metadata', (received: Metadata) => (headers = received));
    });
  }
}

function methodAt(path: string): MethodDefinition<object, object> {
  const [service = '', name = ''] = path.split('/');
  const methods = packageDefinition[service] as Record<string, MethodDefinition<object, object>> | undefined;
  const method = methods?.[name];
  if (method === undefined) throw new Error(`no method ${path}`);
  return method;
}
