/** The service's own interface. It knows that volatility is estimated, and not by what. */
import express, { type ErrorRequestHandler, type Express } from 'express';
import { continueTrace } from './traceContext.js';
import { type Estimate, type Features, FeaturesRefused } from './volatility.js';

export function createApp(estimate: Estimate): Express {
  const app = express();
  app.use(continueTrace, express.json());
  app.post('/volatility', async (request, response) => {
    const { symbol, features = {} as Features } = (request.body ?? {}) as {
      symbol?: string;
      features?: Features;
    };
    response.json({ symbol, volatility: await estimate(features) });
  });
  app.use(onError);
  return app;
}

const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof FeaturesRefused) response.status(422).json({ message: error.message });
  else if (isCallersMistake(error)) response.status(error.status).json({ message: error.message });
  else response.status(502).json({ message: 'volatility cannot be estimated now' });
};

/** What Express itself found wrong with the request: a body that is no JSON, or is too large. */
function isCallersMistake(error: unknown): error is Error & { readonly status: number } {
  return (
    error instanceof Error && 'status' in error && Number(error.status) >= 400 && Number(error.status) < 500
  );
}
