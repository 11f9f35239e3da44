/** What a replay needs of the cluster it asks: the local one under a virtual clock, or a real API server. */
import type { ApiResponse } from '../../../src/kube/index.js';
import type { RecordedRequest } from './corpus.js';

export interface Cluster {
  send(request: RecordedRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /** Lets this much time go by. */
  pass(milliseconds: number): Promise<void>;
  /** Lets what is under way come to an end, which is when `enough` holds and nothing more comes. */
  settle(enough?: () => boolean): Promise<void>;
  /** Makes every resourceVersion before now expire; not every cluster can be told to. */
  readonly compact?: () => void;
  close(): Promise<void>;
}

/** A request as the recorder sent it: its name, and JSON spaced as its library wrote it (some refusals show a body's beginning). */
export function asRecorded(request: RecordedRequest): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
} {
  const headers: Record<string, string> = { 'user-agent': 'corpus/1.0' };
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  const body = request.bodyText ?? (request.body === undefined ? undefined : spacedJson(request.body));
  return { headers, ...(body === undefined ? {} : { body }) };
}

function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spacedJson(item)}`);
  return `{${fields.join(', ')}}`;
}
