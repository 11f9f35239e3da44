/** The Koa application: every route, the hot ones too for the spellings that the dispatcher does not know by heart. */
import type { IncomingMessage } from 'node:http';
import Koa from 'koa';
import Router, { type RouterContext } from 'koa-router';
import { type Logger, messageOf } from '../../base/index.js';
import { type Client, mayUse, missingRight, refusalFor } from '../auth/index.js';
import type { PurgeReport } from '../cache/index.js';
import type { ModelControl } from '../control/index.js';
import type { ModelCatalogue, ServedModel } from '../dataplane/index.js';
import type { ExchangeListener } from './dispatcher.js';
import {
  configurationOf,
  liveAnswer,
  modelMetadata,
  statisticsAnswer,
  purgeAnswer,
  readyAnswer,
  readyModelAnswer,
  serverMetadata,
  withModel,
} from './modelRoutes.js';
import type { PredictionCodec } from './predictionCodec.js';
import type { PredictionEndpoint } from './predictionEndpoint.js';
import type { Exchange, NodeExchange } from './exchange.js';
import { type Answer, errorAnswer, jsonAnswer, send } from './reply.js';
import { answerIndex, answerOrder } from './repositoryRoutes.js';
import { docsFile, docsPage } from './swaggerUi.js';

export interface ApplicationOptions {
  readonly catalogue: ModelCatalogue;
  readonly endpoint: PredictionEndpoint;
  readonly codecs: {
    readonly v2: PredictionCodec;
    readonly v1: PredictionCodec;
    readonly typed: PredictionCodec;
  };
  /** The model of `POST /predict`; undefined where there is none. */
  readonly typedModel: { readonly name: string; readonly version: string } | undefined;
  readonly serverVersion: string;
  readonly logger: Logger;
  /** Why the server is not ready; empty when it is. */
  readonly notReady: () => readonly string[];
  /** The document as the client may see it. */
  readonly openApi: (client: Client | undefined) => Promise<object>;
  /** An entry of Triton's statistics, counted over every process of the pod. */
  readonly statistics: (model: ServedModel) => Promise<object>;
  /** Empties the cache of a model, or of one version of it; undefined where the cache is turned off. */
  readonly purge: (model: string, version: string | undefined) => Promise<PurgeReport | undefined>;
  /** Loads and unloads models by request. */
  readonly control: ModelControl;
  readonly onAnswered: (exchange: Exchange, status: number, startedAt: number) => void;
  readonly monotonic: () => number;
}

/** The endpoint writes its answer itself, or there is nobody to answer any more. */
const ELSEWHERE = Symbol('answered elsewhere');

interface RouteState {
  exchange: NodeExchange;
  answer: Answer | typeof ELSEWHERE | undefined;
}

type Handle = (ctx: RouterContext) => Answer | undefined | Promise<Answer | undefined>;

export function createApplication(options: ApplicationOptions): ExchangeListener {
  /** Koa makes its context of the request alone. */
  const exchanges = new WeakMap<IncomingMessage, NodeExchange>();
  const app = new Koa<RouteState>();
  const router = createRouter(options);
  app.silent = true;
  app.use(async (ctx, next) => {
    const startedAt = options.monotonic();
    ctx.respond = false;
    ctx.state.exchange = exchanges.get(ctx.req) as NodeExchange;
    const answer = await answerOf(ctx, next, options.logger);
    if (answer === ELSEWHERE) return;
    send(ctx.state.exchange, answer);
    options.onAnswered(ctx.state.exchange, answer.status, startedAt);
  });
  app.use(router.routes());
  app.use(router.allowedMethods());
  const listener = app.callback();
  return (exchange) => {
    exchanges.set(exchange.request, exchange);
    void listener(exchange.request, exchange.response);
  };
}

async function answerOf(
  ctx: Koa.ParameterizedContext<RouteState>,
  next: Koa.Next,
  logger: Logger,
): Promise<Answer | typeof ELSEWHERE> {
  if (!isDecodable(ctx.path)) {
    return jsonAnswer(400, {
      error: 'the path has a percent sign that is not followed by two hexadecimal digits of UTF-8',
    });
  }
  try {
    await next();
  } catch (error) {
    logger.error({ requestId: ctx.state.exchange.context.id, reason: messageOf(error) }, 'request failed');
    return jsonAnswer(500, { error: 'the server failed to answer this request' });
  }
  return ctx.state.answer ?? unrouted(ctx);
}

/** allowedMethods has told by the status whether the path is known with another method, and set Allow. */
function unrouted(ctx: Koa.ParameterizedContext<RouteState>): Answer {
  if (ctx.method === 'OPTIONS' && ctx.status === 200) return jsonAnswer(200, {});
  if (ctx.status === 405 || ctx.status === 501) {
    return jsonAnswer(405, { error: `${ctx.method} is not a method of ${ctx.path}` });
  }
  return jsonAnswer(404, { error: `there is nothing at ${ctx.path}` });
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function createRouter(options: ApplicationOptions): Router {
  const router = new Router({ sensitive: true });
  const get = (path: string | RegExp, handle: Handle) =>
    router.get(path, async (ctx) => {
      ctx.state.answer = await handle(ctx);
    });
  router.param('model', (model, ctx, next) => {
    const refusal = refusalFor(clientOf(ctx), model);
    if (refusal === undefined) return next();
    ctx.state.answer = errorAnswer(refusal);
  });
  addServerRoutes(get, options);
  addModelRoutes(get, options);
  addDocsRoutes(get, options);
  addPredictionRoutes(router, options);
  addPurgeRoutes(router, options);
  addRepositoryRoutes(router, options);
  return router;
}

function clientOf(ctx: RouterContext): Client | undefined {
  return (ctx.state as RouteState).exchange.client;
}

type Get = (path: string | RegExp, handle: Handle) => unknown;

function addServerRoutes(get: Get, options: ApplicationOptions): void {
  get('/v2', () => serverMetadata(options.serverVersion));
  get('/v2/health/live', liveAnswer);
  get('/v2/health/ready', () => readyAnswer(options.notReady()));
  get('/v2/repository/index', (ctx) => answerIndex(ctx.req, options.control, clientOf(ctx)));
}

function addModelRoutes(get: Get, options: ApplicationOptions): void {
  const { catalogue } = options;
  get('/v2/models/stats', async (ctx) => {
    // A model may be called that.
    const found = catalogue.find('stats');
    if (found.ok) return modelMetadata(catalogue, found.value);
    const models = catalogue.ready().filter(({ source }) => mayUse(clientOf(ctx), source.name));
    return statisticsAnswer(await Promise.all(models.map((model) => options.statistics(model))));
  });
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    get(path, ({ params }) =>
      withModel(catalogue, params.model ?? '', params.version, (model) => modelMetadata(catalogue, model)),
    );
    get(`${path}/ready`, ({ params }) =>
      withModel(catalogue, params.model ?? '', params.version, readyModelAnswer),
    );
    get(`${path}/config`, ({ params }) =>
      withModel(catalogue, params.model ?? '', params.version, configurationOf),
    );
    get(`${path}/stats`, async ({ params }) => {
      const found = catalogue.find(params.model ?? '', params.version);
      return found.ok ? statisticsAnswer([await options.statistics(found.value)]) : errorAnswer(found.error);
    });
  }
  get('/v1/models', (ctx) => {
    const names = new Set(catalogue.list().map(({ source }) => source.name));
    return jsonAnswer(200, { models: [...names].filter((name) => mayUse(clientOf(ctx), name)) });
  });
  // Not `:model`, which would take NAME:predict for the name of a model.
  get(/^\/v1\/models\/([^/:]+)$/, (ctx) => {
    const model = safeDecode(ctx.captures[0] ?? '');
    const refusal = refusalFor(clientOf(ctx), model);
    if (refusal !== undefined) return errorAnswer(refusal);
    return withModel(catalogue, model, undefined, ({ source }) =>
      jsonAnswer(200, { name: source.name, ready: true }),
    );
  });
}

function addDocsRoutes(get: Get, options: ApplicationOptions): void {
  get('/openapi.json', async (ctx) => jsonAnswer(200, await options.openApi(clientOf(ctx))));
  get('/docs', (ctx) => docsPage(ctx.path));
  get('/docs/:file', ({ params }) => docsFile(params.file ?? ''));
}

function addPredictionRoutes(router: Router, options: ApplicationOptions): void {
  const { codecs, endpoint, typedModel } = options;
  const predict = (ctx: RouterContext, codec: PredictionCodec, model: string, version?: string) => {
    const { exchange } = ctx.state as RouteState;
    endpoint.handle(exchange, { codec, model, version });
    ctx.state.answer = ELSEWHERE;
  };
  for (const path of ['/v2/models/:model/infer', '/v2/models/:model/versions/:version/infer']) {
    router.post(path, (ctx) => predict(ctx, codecs.v2, ctx.params.model ?? '', ctx.params.version));
  }
  router.post(/^\/v1\/models\/([^/]+):predict$/, (ctx) =>
    predict(ctx, codecs.v1, safeDecode(ctx.captures[0] ?? '')),
  );
  router.post('/predict', (ctx) => {
    if (typedModel !== undefined) predict(ctx, codecs.typed, typedModel.name, typedModel.version);
    else
      ctx.state.answer = errorAnswer({
        code: 'ModelNotFound',
        message: 'no model is configured for /predict',
      });
  });
}

function addPurgeRoutes(router: Router, { catalogue, purge }: ApplicationOptions): void {
  for (const path of ['/v2/models/:model/cache', '/v2/models/:model/versions/:version/cache']) {
    router.delete(path, async (ctx) => {
      const { model = '', version } = ctx.params;
      const refusal = missingRight(clientOf(ctx), 'purge-cache') ?? catalogue.unknown(model, version);
      ctx.state.answer =
        refusal === undefined ? purgeAnswer(await purge(model, version)) : errorAnswer(refusal);
    });
  }
}

function addRepositoryRoutes(router: Router, { control }: ApplicationOptions): void {
  router.post('/v2/repository/index', async (ctx) => {
    ctx.state.answer = (await answerIndex(ctx.req, control, clientOf(ctx))) ?? ELSEWHERE;
  });
  for (const action of ['load', 'unload'] as const) {
    router.post(`/v2/repository/models/:model/${action}`, async (ctx) => {
      const order = { action, model: ctx.params.model ?? '' };
      ctx.state.answer = (await answerOrder(ctx.req, control, order, clientOf(ctx))) ?? ELSEWHERE;
    });
  }
}

/** The path as a whole was decodable, so each of its parts is. */
function safeDecode(part: string): string {
  return decodeURIComponent(part);
}
