/** What a serving process is started with. */
import type { ServingConfig } from '../api/index.js';
import type { Clock, Logger, MetricsRegistry } from '../base/index.js';
import type { ModelSource } from './dataplane/index.js';
import type { Runtime } from './runtime/index.js';

/** A pod's configuration; a server on a plain folder of models has no `model` and so no typed endpoint. */
export type ServerConfig = Omit<ServingConfig, 'apiVersion' | 'model'> & {
  readonly model?: ServingConfig['model'];
};

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly models: readonly ModelSource[];
  readonly host: string;
  /** 0 lets the system choose. No gRPC without its port. */
  readonly ports: { readonly http: number; readonly metrics: number; readonly grpc?: number };
  readonly logger: Logger;
  /** Gantry's own version, for the server's metadata. */
  readonly version: string;
  /** `redis://…`; without it the cache is in this process alone. Holds a secret: never logged. */
  readonly redisUrl?: string;
  /** The built runtime/worker.ts; the one beside this file when not given. Without any, every model runs inline. */
  readonly workerFile?: URL;
  readonly clock?: Clock;
  readonly runtime?: Runtime;
  readonly metrics?: MetricsRegistry;
}
