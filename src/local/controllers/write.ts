import type { KubeObject, ResourceType } from '../../kube/index.js';
import type { Draft } from '../objects/index.js';

/** What a decision asks of the API server. Decisions are pure: they return writes, the glue sends them. */
export type Write =
  | { readonly verb: 'create'; readonly type: ResourceType; readonly object: Draft<KubeObject> }
  | { readonly verb: 'update'; readonly type: ResourceType; readonly object: KubeObject }
  | {
      /** A JSON merge patch; `subresource` for `status`. */
      readonly verb: 'patch';
      readonly type: ResourceType;
      readonly namespace?: string;
      readonly name: string;
      readonly body: Record<string, unknown>;
      readonly subresource?: 'status';
    }
  | {
      readonly verb: 'delete';
      readonly type: ResourceType;
      readonly namespace?: string;
      readonly name: string;
      readonly uid?: string;
    };

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/**
 * The patch of the status subresource that turns `before` into `after`: fields that are gone become null, as a merge
 * patch needs it. `undefined` when both say the same.
 */
export function statusPatch(
  type: ResourceType,
  object: KubeObject,
  before: object | undefined,
  after: object,
): Write | undefined {
  const old = (before ?? {}) as Record<string, unknown>;
  const next = after as Record<string, unknown>;
  const status: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (!sameJson(old[key], next[key])) status[key] = next[key] ?? null;
  }
  if (Object.keys(status).length === 0) return undefined;
  const { namespace, name } = object.metadata;
  return { verb: 'patch', type, namespace, name, body: { status }, subresource: 'status' };
}

/** Whether two values are the same JSON: key order, undefined fields and nulls do not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** JSON with sorted keys, without nulls and undefined fields: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
