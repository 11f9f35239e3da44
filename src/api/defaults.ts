import { parseQuantity } from '../base/index.js';
import type { ModelDeployment } from './modelDeployment.js';
import { specSchema } from './schema/spec.js';
import { withSchemaDefaults } from './schema/walk.js';

export const DEFAULT_REPLICAS = 1;

const DEFAULTS: Readonly<Record<string, { readonly request: string; readonly limit: string }>> = {
  cpu: { request: '2', limit: '4' },
  memory: { request: '4Gi', limit: '8Gi' },
};

/** A copy with the CRD's defaults filled in; the same object for one the API server has stored with this CRD. */
export function withDefaults(declared: ModelDeployment): ModelDeployment {
  return { ...declared, spec: withSchemaDefaults(specSchema, declared.spec) as ModelDeployment['spec'] };
}

export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/**
 * Requests and limits of a pod. A default of the CRD would make `limits: {cpu: 1}` wrong (the default request is
 * more), so these are filled in here: a default request gives way to a smaller limit, a default limit to a larger
 * request.
 */
export function resourcesOf(declared: ModelDeployment['spec']['resources']): Resources {
  const { requests = {}, limits = {} } = declared ?? {};
  const names = [...new Set([...Object.keys(DEFAULTS), ...Object.keys(requests), ...Object.keys(limits)])];
  const pairs = names.map((name) => [name, fill(DEFAULTS[name], requests[name], limits[name])] as const);
  return {
    requests: entriesOf(pairs.map(([name, { request }]) => [name, request])),
    limits: entriesOf(pairs.map(([name, { limit }]) => [name, limit])),
  };
}

type Quantity = string | number | undefined;

function fill(defaults: (typeof DEFAULTS)[string] | undefined, request: Quantity, limit: Quantity) {
  return {
    request: request ?? least(defaults?.request, limit),
    limit: limit ?? most(defaults?.limit, request),
  };
}

function entriesOf(pairs: readonly (readonly [string, Quantity])[]): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function least(value: Quantity, bound: Quantity): Quantity {
  return value !== undefined && bound !== undefined && amount(bound) < amount(value) ? bound : value;
}

function most(value: Quantity, bound: Quantity): Quantity {
  return value !== undefined && bound !== undefined && amount(bound) > amount(value) ? bound : value;
}

function amount(quantity: string | number): number {
  return parseQuantity(quantity) ?? 0;
}
