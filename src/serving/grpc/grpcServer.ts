/** The gRPC server itself. Only loaded when somebody connects: see grpcListener.ts. */
import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import type { Clock } from '../../base/index.js';
import type { ModelInferResponse } from '../protocol/index.js';
import { CallGate, type CallGateOptions } from './callGate.js';
import { HealthService } from './healthService.js';
import { inferenceService, type InferenceServiceOptions } from './inferenceService.js';
import { HEALTH_SERVICE, inferenceServiceDefinition, packageDefinition, serviceNamed } from './services.js';

export interface GrpcServerOptions
  extends
    Omit<InferenceServiceOptions, 'clientOf' | 'admit'>,
    Pick<CallGateOptions, 'gate' | 'certificateNames'> {
  /** Largest message taken, compressed or not, in bytes. */
  readonly maxMessageBytes: number;
}

/** Calls one connection may have open; more wait at the client. */
const MAX_STREAMS = 1024;
/** A peer that does not answer a ping for this long is gone. */
const PING_MS = 60_000;
const PONG_MS = 20_000;

export class GrpcServer {
  readonly #server: Server;
  readonly #health: HealthService;
  readonly #clock: Clock;
  readonly #connections: ReturnType<Server['createConnectionInjector']>;

  constructor(options: GrpcServerOptions) {
    this.#clock = options.clock;
    const callGate = new CallGate(options);
    const methods = { ...options, clientOf: callGate.clientOf, admit: callGate.admit };
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxMessageBytes,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': MAX_STREAMS,
      'grpc.keepalive_time_ms': PING_MS,
      'grpc.keepalive_timeout_ms': PONG_MS,
      'grpc.enable_channelz': 0,
      interceptors: [callGate.intercept],
    });
    const countAnswer = (
      { model_name = '', model_version }: Partial<ModelInferResponse>,
      bytes: number,
    ): void => {
      const found = options.catalogue.find(model_name, model_version);
      if (found.ok) found.value.statistics.bytesOut += bytes;
    };
    this.#health = new HealthService(() => options.notReady().length === 0, methods);
    this.#server.addService(inferenceServiceDefinition(countAnswer), inferenceService(methods));
    this.#server.addService(serviceNamed(HEALTH_SERVICE), this.#health.implementation);
    new ReflectionService(packageDefinition).addToServer(this.#server);
    this.#connections = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** Serves a connection that was accepted elsewhere. */
  serve(socket: Socket): void {
    this.#connections.injectConnection(socket);
  }

  /** To be called when readiness may have changed. */
  readinessChanged(): void {
    this.#health.changed();
  }

  /** Tells every client to go on elsewhere (GOAWAY); calls in flight are still answered, new connections too. */
  sendAway(graceMs: number): void {
    this.#health.close();
    this.#connections.drain(graceMs);
  }

  /** Takes no more calls; resolves when the last is answered, or when `graceMs` have passed and the rest was cut. */
  async stop(graceMs: number): Promise<void> {
    this.#health.close();
    const cut = this.#clock.schedule(graceMs, () => this.#server.forceShutdown());
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    cut.cancel();
  }
}
