import type { Clock, Random } from '../../../base/index.js';
import type { KubeObject, Status } from '../../../kube/index.js';
import type { KindRow } from '../kinds/kind.js';
import type { KindRegistry } from '../kinds/registry.js';
import type { Negotiated } from '../server/mediaType.js';
import type { User } from '../server/user.js';
import type { ObjectStore } from '../storage/store.js';

/** Reads a container's log; throws a StatusError where there is none. */
export type PodLogs = (
  namespace: string,
  pod: string,
  options: PodLogOptions,
) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

export interface PodLogOptions {
  readonly container?: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339 */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}

/** What every verb works on. */
export interface Core {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  readonly clock: Clock;
  readonly random: Random;
  /** IPv4 range of Services' cluster addresses, such as `127.96.0.0/16`. */
  readonly serviceCidr: string;
  readonly podLogs: PodLogs | undefined;
  /** How to end each watch that is open: the server's end is theirs. */
  readonly openWatches: Set<() => void>;
  /** To be called after each write to the store, before the writer's answer. */
  readonly committed: (row: KindRow, object: KubeObject, removed: boolean) => void;
}

/** One request for a served resource. */
export interface Call {
  readonly row: KindRow;
  /** '' for cluster-scoped kinds and lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly user: User;
  /** The manager of fields where the request names none: the client program, from its User-Agent. */
  readonly userAgent: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly signal: AbortSignal | undefined;
  readonly negotiated: Negotiated;
  /** Texts for Warning headers; verbs add to it. */
  readonly warnings: string[];
}

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** What a verb answers, before the format the client asked for. */
export type Answer =
  | { readonly kind: 'object'; readonly code: number; readonly object: KubeObject; readonly row: KindRow }
  | {
      readonly kind: 'list';
      readonly row: KindRow;
      readonly items: readonly KubeObject[];
      readonly metadata: ListMeta;
    }
  | { readonly kind: 'status'; readonly status: Status; readonly code: number }
  | { readonly kind: 'watch'; readonly frames: AsyncIterable<Uint8Array>; readonly format: string }
  | {
      readonly kind: 'raw';
      readonly code: number;
      readonly contentType: string;
      readonly body: AsyncIterable<Uint8Array>;
    };

/** The key of the call's object in its bucket. */
export function keyOf(call: { readonly namespace: string; readonly name: string }): string {
  return call.namespace === '' ? call.name : `${call.namespace}/${call.name}`;
}

/** RFC 3339 with whole seconds, as metav1.Time is written. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}
