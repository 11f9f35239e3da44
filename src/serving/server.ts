/** The serving process put together: models, data plane and listeners. `gantry serve` is this and its flags. */
import type { RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import {
  type Clock,
  formatProblem,
  messageOf,
  type MetricsRegistry,
  systemClock,
  systemRandom,
} from '../base/index.js';
import { Arrivals } from './arrivals.js';
import { type Access, type Client, type Lease, type LeaseRequest, mayUse, openAccess } from './auth/index.js';
import type { PurgeReport } from './cache/index.js';
import { type DataPlaneOptions, ModelCatalogue } from './dataplane/index.js';
import { GrpcListener } from './grpc/index.js';
import { BodyBudget } from './http/body.js';
import { BodyBuffers } from './http/bodyBuffers.js';
import { createDispatcher, type Dispatcher, type ExchangeListener } from './http/dispatcher.js';
import { listen, type ListeningServer } from './http/httpServer.js';
import { createMetricsListener } from './http/metricsListener.js';
import { onDemand } from './http/onDemand.js';
import { PredictionEndpoint } from './http/predictionEndpoint.js';
import { type GiveConnection, spreadConnections } from './http/spreadConnections.js';
import { ShortRoutes } from './http/shortRoutes.js';
import { typedCodec } from './http/typedCodec.js';
import { v1Codec } from './http/v1Codec.js';
import { v2Codec } from './http/v2Codec.js';
import { type ModelServing, prepareModelServing } from './modelServing.js';
import { PodSide } from './podSide.js';
import type { FirstServer, LedPod, MemberServer, Pod, PortName, Question } from './processes/index.js';
import type { TypedEndpoint } from './protocol/typed/typedEndpoint.js';
import type { ServerOptions } from './serverOptions.js';
import {
  AccessLog,
  AnsweredRequests,
  LOG_EVERY_REQUEST,
  type RequestTracer,
  startTracing,
} from './telemetry/index.js';

export interface RunningServer extends FirstServer, MemberServer {
  /** Without gRPC where no port was asked for. */
  readonly addresses: {
    readonly http: AddressInfo;
    readonly metrics: AddressInfo;
    readonly grpc: AddressInfo | undefined;
  };
  /** Resolves once every model is loaded, or has failed to: `notReady` says which. Never rejects. */
  readonly loaded: Promise<void>;
  /** Why the server is not ready; empty when it is. */
  notReady(): readonly string[];
  /** Whether more processes would do more work: slow models have their own threads. */
  everyModelInline(): boolean;
  /** What clients connect to, for other processes to accept on as well. */
  sockets(): ReadonlyMap<PortName, Server>;
  /** Stops without dropping what was accepted: see ListeningServer.stop. */
  drain(limits: { readonly lingerMs: number; readonly graceMs: number }): Promise<void>;
}

/** Bodies of this many requests of the largest size may be in memory together. */
const BODIES_IN_FLIGHT = 8;

/** Rejects with a ProblemError when a port cannot be had. Resolves when listening; the models load meanwhile. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { clock = systemClock, logger } = options;
  const { processes = 1, shared } = options;
  const borrowing =
    shared === undefined
      ? undefined
      : { lender: (request: LeaseRequest) => server.borrow(request), borrower: process.pid, processes };
  const access = await openAccess({ ...options.access, clock, logger, borrowing });
  const server: ServingProcess = new ServingProcess(options, clock, access);
  await server.listen();
  return server;
}

class ServingProcess implements RunningServer {
  readonly #options: ServerOptions;
  readonly #clock: Clock;
  readonly #access: Access;
  readonly #catalogue: ModelCatalogue;
  readonly #budget: BodyBudget;
  readonly #typedCodec = typedCodec(() => this.#typed);
  /** Of what is served now. */
  readonly #routes: ShortRoutes;
  readonly #answered: AnsweredRequests;
  readonly #arrivals = new Arrivals(setImmediate);
  #tracer: RequestTracer | undefined;
  #clients: ListeningServer | undefined;
  #metrics: ListeningServer | undefined;
  #grpc: GrpcListener | undefined;
  #serving: ModelServing | undefined;
  #registry: Promise<MetricsRegistry> | undefined;
  readonly #pod: PodSide;
  #typed: TypedEndpoint | string = 'the model is still loading';
  #draining = false;
  loaded: Promise<void> = Promise.resolve();

  constructor(options: ServerOptions, clock: Clock, access: Access) {
    const { config, models } = options;
    this.#options = options;
    this.#clock = clock;
    this.#access = access;
    const defaults = config.model === undefined ? [] : [[config.model.name, config.model.version] as const];
    this.#catalogue = new ModelCatalogue(models, new Map(defaults));
    this.#budget = new BodyBudget(config.limits.maxBodyBytes * BODIES_IN_FLIGHT);
    const { logger, accessLog = LOG_EVERY_REQUEST } = options;
    this.#answered = new AnsweredRequests(
      new AccessLog(accessLog, { logger, clock, random: systemRandom }),
      clock,
    );
    const registry = () => this.loaded.then(() => (this.#registry ??= this.#createRegistry()));
    this.#pod = new PodSide({
      catalogue: this.#catalogue,
      registry,
      exemplars: options.exemplars === true,
      lend: (request) => access.lend(request),
      processes: options.processes ?? 1,
      repository: options.repository,
      cache: () => this.#serving?.cache,
      dataPlane: () => this.#dataPlane(),
      started: () => this.loaded,
      onChanged: () => this.#modelsChanged(),
      clock,
    });
    this.#routes = new ShortRoutes({ codec: this.#typedCodec, model: config.model });
    this.#routes.choose(models, this.#catalogue, this.notReady);
  }

  get addresses(): RunningServer['addresses'] {
    const [http, metrics] = [this.#clients, this.#metrics];
    if (http === undefined || metrics === undefined) throw new Error('the server does not listen yet');
    return { http: http.address, metrics: metrics.address, grpc: this.#grpc?.address };
  }

  sockets(): ReadonlyMap<PortName, Server> {
    const sockets = new Map<PortName, Server>();
    if (this.#clients !== undefined) sockets.set('http', this.#clients.server);
    if (this.#grpc !== undefined) sockets.set('grpc', this.#grpc.socket);
    return sockets;
  }

  spread(elsewhere: () => GiveConnection | undefined): boolean {
    // A connection whose handshake this process has made cannot be given away.
    if (this.#clients === undefined || this.#access.tls !== undefined) return false;
    spreadConnections(this.#clients.server, () => {
      const give = elsewhere();
      if (give !== undefined) this.#arrivals.oneCame();
      return give;
    });
    return true;
  }

  everyModelInline(): boolean {
    return this.#catalogue.ready().every(({ plan }) => plan.placement === 'inline');
  }

  answer(question: Question): Promise<unknown> {
    return this.#pod.answer(question);
  }

  joinPod(pod: Pod): void {
    this.#pod.joinPod(pod);
  }

  leadPod(pod: LedPod): void {
    this.#pod.leadPod(pod);
    this.#shareMemory(pod.processes);
  }

  borrow(request: LeaseRequest): Promise<Lease | undefined> {
    return this.#pod.borrow(request);
  }

  /** For what is loaded by request: threads are the pod's too, which may have other processes by then. */
  #dataPlane(): DataPlaneOptions | undefined {
    const all = this.#serving?.dataPlane;
    return all && { ...all, threads: Math.max(1, Math.floor(all.threads / this.#pod.processes)) };
  }

  /** What is configured is the pod's: each process takes its part. A part has room for one body of the largest size. */
  #shareMemory(processes: number): void {
    const { maxBodyBytes } = this.#options.config.limits;
    const bodies = Math.max(1, BODIES_IN_FLIGHT / processes);
    this.#budget.limitTo(Math.floor(maxBodyBytes * bodies));
    this.#serving?.cache?.limitTo(Math.floor(this.#options.config.cache.maxBytes / processes));
  }

  async listen(): Promise<void> {
    this.loaded = this.#load().catch((error: unknown) => {
      this.#options.logger.error({ reason: messageOf(error) }, 'the models could not be served');
    });
    const { ports, shared } = this.#options;
    if (shared !== undefined) {
      void this.#listenToClients().then((clients) => (this.#clients = clients));
      if (ports.grpc !== undefined) void this.#listenGrpc(ports.grpc).then((grpc) => (this.#grpc = grpc));
      return;
    }
    try {
      this.#clients = await this.#listenToClients();
      this.#metrics = await this.#listenToScrapes();
      if (ports.grpc !== undefined) this.#grpc = await this.#listenGrpc(ports.grpc);
    } catch (error) {
      await this.drain({ lingerMs: 0, graceMs: 0 });
      throw error;
    }
  }

  readonly notReady = (): readonly string[] => {
    const reasons = this.#catalogue
      .list()
      .filter(({ state, needed }) => needed && state !== 'READY')
      .map(({ source, state, reason }) => {
        const what = state === 'LOADING' ? 'is loading' : `could not be loaded: ${reason}`;
        return `model ${source.name} version ${source.version} ${what}`;
      });
    if (this.#draining) reasons.unshift('the server is shutting down');
    const declared = this.#options.config.features.length > 0;
    if (declared && reasons.length === 0 && typeof this.#typed === 'string') reasons.push(this.#typed);
    return reasons;
  };

  async drain({ lingerMs, graceMs }: { readonly lingerMs: number; readonly graceMs: number }): Promise<void> {
    this.#draining = true;
    await Promise.all([this.#clients?.stop(lingerMs, graceMs), this.#grpc?.stop(lingerMs, graceMs)]);
    await this.loaded;
    await this.#catalogue.close();
    await this.#serving?.close();
    await this.#tracer?.close();
    await this.#metrics?.stop(0, 0);
    this.#access.close();
  }

  async #load(): Promise<void> {
    const { tracing, logger } = this.#options;
    if (tracing !== undefined) this.#tracer = await startTracing(tracing, { clock: this.#clock, logger });
    this.#serving = await prepareModelServing(this.#options, {
      clock: this.#clock,
      defer: this.#arrivals.afterInput,
    });
    this.#shareMemory(this.#options.processes ?? 1);
    await this.#catalogue.load(this.#serving.dataPlane);
    this.#typed = await this.#createTyped();
    this.#grpc?.readinessChanged();
  }

  async #createTyped(): Promise<TypedEndpoint | string> {
    const { model, features } = this.#options.config;
    if (model === undefined) return 'no model is configured for /predict';
    const found = this.#catalogue.find(model.name, model.version);
    if (!found.ok) return found.error.message;
    const { createTypedEndpoint } = await import('./protocol/typed/typedEndpoint.js');
    const typed = createTypedEndpoint(features, found.value.signature);
    return typed.ok ? typed.value : formatProblem(typed.error);
  }

  async #listenToClients(): Promise<ListeningServer> {
    const { host, ports, config, shared } = this.#options;
    const { listener, direct } = this.#clientDispatcher();
    const clients = await listen(listener, {
      direct,
      host,
      port: ports.http,
      shared: shared?.sockets.http,
      given: this.#access.tls === undefined ? shared?.onConnection : undefined,
      answerMs: config.timeoutMs,
      clock: this.#clock,
      tls: this.#access.tls,
    });
    this.#arrivals.watch(clients.server);
    return clients;
  }

  #listenToScrapes(): Promise<ListeningServer> {
    const { host, ports, config } = this.#options;
    const options = { host, port: ports.metrics, answerMs: config.timeoutMs, clock: this.#clock };
    return listen(this.#metricsListener(), options);
  }

  async #listenGrpc(port: number): Promise<GrpcListener> {
    const { host, config, logger, version, shared } = this.#options;
    const grpc = await GrpcListener.listen({
      host,
      port,
      shared: shared?.sockets.grpc,
      logger,
      clock: this.#clock,
      catalogue: this.#catalogue,
      timeoutMs: config.timeoutMs,
      maxMessageBytes: config.limits.maxBodyBytes,
      budget: this.#budget,
      statistics: (model) => this.#pod.statistics(model),
      control: this.#pod.control,
      serverVersion: version,
      notReady: this.notReady,
      tracer: () => this.#tracer,
      gate: this.#access.gate,
      tls: this.#access.tls,
      onAnswered: this.#answered.grpc,
    });
    this.#arrivals.watch(grpc.socket);
    return grpc;
  }

  #clientDispatcher(): Dispatcher {
    const { config, exemplars = false } = this.#options;
    const limits = {
      maxBytes: config.limits.maxBodyBytes,
      budget: this.#budget,
      buffers: new BodyBuffers(),
    };
    const endpoint = new PredictionEndpoint({
      catalogue: this.#catalogue,
      clock: this.#clock,
      limits,
      timeoutMs: config.timeoutMs,
      memo: () => this.#serving?.cache?.memo,
      tracer: () => this.#tracer,
      exemplars,
      onAnswered: this.#answered.http,
    });
    return createDispatcher({
      endpoint,
      hotRoutes: this.#routes.hot,
      plainRoutes: this.#routes.plain,
      otherwise: onDemand(() => this.#application(endpoint), this.#options.logger),
      gate: this.#access.gate,
      clock: this.#clock,
      closing: this.#closing,
      limits,
      onAnswered: this.#answered.http,
    });
  }

  async #application(endpoint: PredictionEndpoint): Promise<ExchangeListener> {
    const { createApplication } = await import('./http/application.js');
    const { config, logger, version } = this.#options;
    return createApplication({
      catalogue: this.#catalogue,
      endpoint,
      codecs: { v2: v2Codec, v1: v1Codec, typed: this.#typedCodec },
      typedModel: config.model,
      serverVersion: version,
      logger,
      notReady: this.notReady,
      openApi: (client) => this.#openApi(client),
      statistics: (model) => this.#pod.statistics(model),
      purge: (model, version) => this.#purge(model, version),
      control: this.#pod.control,
      onAnswered: this.#answered.http,
      monotonic: () => this.#clock.monotonic(),
    });
  }

  async #openApi(client: Client | undefined): Promise<object> {
    const { openApiDocument } = await import('./openapi/index.js');
    const { config, version } = this.#options;
    const models = this.#catalogue
      .ready()
      .filter(({ source }) => mayUse(client, source.name))
      .map(({ source, signature }) => ({ ...source, signature }));
    const security = this.#access.schemes;
    const { model } = config;
    if (typeof this.#typed === 'string' || model === undefined || !mayUse(client, model.name))
      return openApiDocument({ version, models, security });
    const { rowSchema, predictionSchema } = this.#typed;
    const typed = { model: model.name, version: model.version, rowSchema, predictionSchema };
    return openApiDocument({ version, models, typed, security });
  }

  /** Undefined where the cache is turned off. */
  async #purge(model: string, version: string | undefined): Promise<PurgeReport | undefined> {
    const cache = this.#serving?.cache;
    if (cache === undefined) return undefined;
    const versions = version === undefined ? this.#catalogue.versions(model) : [version];
    const { purgeModel } = await import('./cachePurge.js');
    return purgeModel(
      model,
      { versions, others: version === undefined },
      { cache, clock: this.#clock, purgePod: (purged, generation) => this.#pod.purge(purged, generation) },
    );
  }

  #metricsListener(): RequestListener {
    return createMetricsListener({
      registry: () => this.#pod.metrics(),
      notReady: this.notReady,
      closing: this.#closing,
    });
  }

  /** At the first scrape: prom-client takes longer to load than a small model, and predictions do not need it. */
  async #createRegistry(): Promise<MetricsRegistry> {
    const { serverMetrics } = await import('./telemetry/metrics/serverMetrics.js');
    return serverMetrics({
      version: this.#options.version,
      exemplars: this.#options.exemplars === true,
      catalogue: this.#catalogue,
      queueLimit: this.#options.config.queue.maxRequests,
      httpStatuses: this.#answered.httpStatuses,
      grpcStatuses: this.#answered.grpcStatuses,
      bodyBytesInFlight: () => this.#budget.used,
      cache: () => this.#serving?.cache?.figures(),
      access: this.#access,
    });
  }

  #modelsChanged(): void {
    const models = this.#catalogue.ready().map(({ source }) => source);
    this.#routes.choose(models, this.#catalogue, this.notReady);
    this.#grpc?.readinessChanged();
  }

  readonly #closing = (): boolean => this.#draining;
}
