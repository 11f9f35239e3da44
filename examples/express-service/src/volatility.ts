/** What the service estimates, and the two ways of doing so: the formula it began with, and the model. */
import createClient from 'openapi-fetch';
import type { components, paths } from './gantry.generated.js';
import { type ResilienceOptions, resilientFetch } from './resilientFetch.js';

/** A trading day as the model wants it: names, types and ranges come from its own API document. */
export type Features = components['schemas']['Features'];

/** Volatility of the days to come, in percent a year. */
export type Estimate = (features: Features) => Promise<number>;

/** The model cannot take these features: the caller's mistake, not the model's. */
export class FeaturesRefused extends Error {}

/** Weighted volatilities of the past day, week and month (Corsi's HAR): what the service did before it had a model. */
export const formula: Estimate = async (day) => {
  const estimate = 0.35 * day.parkinson_1d + 0.35 * day.volatility_5d + 0.3 * day.volatility_21d;
  if (!Number.isFinite(estimate))
    throw new FeaturesRefused('parkinson_1d, volatility_5d and volatility_21d must be numbers');
  return estimate;
};

/** Asks the model behind `baseUrl`. */
export function model(baseUrl: string, resilience: ResilienceOptions): Estimate {
  const gantry = createClient<paths>({ baseUrl, fetch: resilientFetch(resilience) });
  return async (features) => {
    const { data, error, response } = await gantry.POST('/predict', { body: { features } });
    if (response.status === 400) throw new FeaturesRefused(error?.error ?? 'the model refused the features');
    const answer = data !== undefined && 'prediction' in data ? data.prediction.volatility : undefined;
    if (typeof answer !== 'number') throw new Error(error?.error ?? `the model answered ${response.status}`);
    return answer;
  };
}

/** `first`, and where it fails `second`: a service that had an answer before it had a model keeps one. */
export function fallingBack(
  first: Estimate,
  second: Estimate,
  onFailure: (error: unknown) => void,
): Estimate {
  return async (features) => {
    try {
      return await first(features);
    } catch (error) {
      if (error instanceof FeaturesRefused) throw error;
      onFailure(error);
      return second(features);
    }
  };
}
