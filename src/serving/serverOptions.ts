/** What a serving process is started with. */
import type { Server } from 'node:net';
import type { ServingConfig, ServingSettings } from '../api/index.js';
import type { Clock, Logger } from '../base/index.js';
import type { AccessOptions } from './auth/index.js';
import type { RedisTarget } from './cache/index.js';
import type { ModelRepository } from './control/index.js';
import type { ModelSource } from './dataplane/index.js';
import type { TakeConnection } from './http/spreadConnections.js';
import type { Runtime } from './runtime/index.js';
import type { AccessLogConfig, TracingConfig } from './telemetry/index.js';

/** A pod's configuration; a server on a plain folder of models has no `model` and so no typed endpoint. */
export type ServerConfig = ServingSettings & { readonly model?: ServingConfig['model'] };

export type ServerAccess = Pick<AccessOptions, 'clients' | 'tls'>;

/** Holds secrets: never logged. */
export interface RedisOptions {
  readonly target: RedisTarget;
  /** Certificates (PEM) that the server's is signed by; the system's own when not given. */
  readonly ca?: string;
}

/** Of the process of the pod that has the ports. */
export interface SharedListeners {
  /** Listening sockets, on which both accept. */
  readonly sockets: Readonly<Record<'http' | 'grpc', Promise<Server>>>;
  /** Has the connections of plain HTTP, which the other process accepts, taken by `take`. */
  readonly onConnection: (take: TakeConnection) => void;
}

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly models: readonly ModelSource[];
  /** Where models are loaded from by request; without it, what is served is what is given here. */
  readonly repository?: ModelRepository;
  readonly host: string;
  /** 0 lets the system choose. No gRPC without its port. */
  readonly ports: { readonly http: number; readonly metrics: number; readonly grpc?: number };
  /** Who may ask; everybody when not given. */
  readonly access?: ServerAccess;
  /** Processes of the pod, where that is known at the start: what is configured is the pod's, and each has its part. */
  readonly processes?: number;
  /** What another process of the pod shares with this one: neither `ports` nor a metrics port is opened then. */
  readonly shared?: SharedListeners;
  readonly logger: Logger;
  /** Gantry's own version, for the server's metadata. */
  readonly version: string;
  /** Without it the cache is in this process alone. */
  readonly redis?: RedisOptions;
  /** The built runtime/worker.ts; the one beside this file when not given. Without any, every model runs inline. */
  readonly workerFile?: URL;
  /** One line a request when not given. */
  readonly accessLog?: AccessLogConfig;
  /** No traces without it. */
  readonly tracing?: TracingConfig;
  /** Metrics lead to traces: the page of metrics is then in OpenMetrics' format. Off when not given. */
  readonly exemplars?: boolean;
  readonly clock?: Clock;
  readonly runtime?: Runtime;
}
