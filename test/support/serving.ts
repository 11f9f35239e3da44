/** A serving process inside the test: real sockets, real onnxruntime, models written on the spot. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOfBytes, silentLogger } from '../../src/base/index.js';
import {
  type ModelSource,
  type RunningServer,
  type ServerConfig,
  type ServerOptions,
  startServer,
} from '../../src/serving/index.js';

export const SERVER_CONFIG: ServerConfig = {
  features: [],
  batching: { enabled: true, maxRows: 32 },
  queue: { maxRequests: 1000 },
  timeoutMs: 5_000,
  warmup: { runs: 5 },
  threads: 1,
  cache: { enabled: false, ttlSeconds: 60, maxBytes: 1 << 20 },
  limits: { maxBodyBytes: 1 << 20 },
};

export interface TestServer {
  readonly server: RunningServer;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly metricsUrl: string;
  /** `127.0.0.1:PORT`; empty when `ports` names none for gRPC. */
  readonly grpcAddress: string;
  stop(): Promise<void>;
}

/** Writes `models` (name/version -> ONNX bytes) to a folder of its own. */
export async function modelFolder(
  models: Readonly<Record<string, Buffer>>,
): Promise<{ readonly sources: readonly ModelSource[]; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-models-'));
  const sources: ModelSource[] = [];
  for (const [key, bytes] of Object.entries(models)) {
    const [name = '', version = '1'] = key.split('/');
    const path = join(folder, `${name}-${version}.onnx`);
    await writeFile(path, bytes);
    sources.push({ name, version, stage: '', path, digest: digestOfBytes(bytes) });
  }
  return { sources, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Serves `models` until `stop`; resolves when they are loaded. */
export async function serveModels(
  models: Readonly<Record<string, Buffer>>,
  options: Partial<Omit<ServerOptions, 'config'>> & { readonly config?: Partial<ServerConfig> } = {},
): Promise<TestServer> {
  const folder = await modelFolder(models);
  const server = await startServer({
    models: folder.sources,
    host: '127.0.0.1',
    ports: { http: 0, metrics: 0 },
    logger: silentLogger,
    version: '0.0.0-test',
    ...options,
    config: { ...SERVER_CONFIG, ...options.config },
  });
  await server.loaded;
  return {
    server,
    url: `http://127.0.0.1:${server.addresses.http.port}`,
    metricsUrl: `http://127.0.0.1:${server.addresses.metrics.port}`,
    grpcAddress: server.addresses.grpc === undefined ? '' : `127.0.0.1:${server.addresses.grpc.port}`,
    async stop() {
      await server.drain({ lingerMs: 0, graceMs: 2_000 });
      await folder.remove();
    },
  };
}
