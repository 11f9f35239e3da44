import type { ApiRequest, KubeObject } from '../../src/kube/index.js';
import {
  type Answer,
  BodyStream,
  failure,
  isWatch,
  parameter,
  ScriptedTransport,
} from '../support/scriptedTransport.js';

export interface Thing extends KubeObject {
  data: string;
}

interface LogEntry {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Thing;
}

/** What may happen to one request instead of an answer. */
export type RequestFault = 500 | 401 | 429 | 410 | 'refused' | 'silent';

/**
 * The least of an API server that lists and watches one kind truthfully, and the faults that come between it and its
 * client. Once healed it answers rightly again.
 */
export class ModelServer {
  readonly transport = new ScriptedTransport((request) => this.#answer(request));
  readonly objects = new Map<string, Thing>();
  /** One for each request to come; when it is empty requests are answered. */
  readonly faults: RequestFault[] = [];
  /** Bytes in a chunk of a watch; 0 sends each event in one. */
  chunkBytes = 0;
  #version = 100;
  #compactedAt = 0;
  #uids = 0;
  readonly #log: LogEntry[] = [];
  readonly #snapshots = new Map<string, Thing[]>();
  #streams = new Set<BodyStream>();

  put(name: string, data: string): void {
    const known = this.objects.get(name);
    this.#version += 1;
    const uid = known?.metadata.uid ?? `uid-${++this.#uids}`;
    const object: Thing = {
      apiVersion: 'v1',
      kind: 'Thing',
      metadata: { name, namespace: 'default', uid, resourceVersion: String(this.#version) },
      data,
    };
    this.objects.set(name, object);
    this.#record(known === undefined ? 'ADDED' : 'MODIFIED', object);
  }

  remove(name: string): void {
    const known = this.objects.get(name);
    if (known === undefined) return;
    this.#version += 1;
    this.objects.delete(name);
    const metadata = { ...known.metadata, resourceVersion: String(this.#version) };
    this.#record('DELETED', { ...known, metadata });
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.#version) };
    for (const stream of this.#streams) {
      this.#send(stream, 'BOOKMARK', { apiVersion: 'v1', kind: 'Thing', metadata });
    }
  }

  /** Forgets the past: older versions, and pages under way, are gone. */
  compact(): void {
    this.#compactedAt = this.#version;
    this.#snapshots.clear();
  }

  /** Ends the watches as a server does at their time-out. */
  endWatches(): void {
    for (const stream of this.#take()) stream.end();
  }

  /** Cuts the watches in the middle of an event. */
  breakWatches(): void {
    for (const stream of this.#take()) {
      stream.push('{"type":"ADDED","object":{"metadata":{"na');
      stream.break();
    }
  }

  /** Half a line, then an orderly end. */
  truncateWatches(): void {
    for (const stream of this.#take()) {
      stream.push('{"type":"MODIF');
      stream.end();
    }
  }

  garbageOnWatches(): void {
    for (const stream of this.#take()) stream.push('<html>Bad Gateway</html>\n');
  }

  errorOnWatches(code: number, reason: string): void {
    for (const stream of this.#take()) {
      this.#send(stream, 'ERROR', failure(code, reason).body as object);
    }
  }

  /** The connections stay, nothing comes through any more. */
  muteWatches(): void {
    this.#take();
  }

  /** Repeats an old event on every watch: the order of versions breaks. */
  repeatOldEvent(): void {
    const [old] = this.#log;
    if (old === undefined) return;
    for (const stream of this.#streams) this.#send(stream, old.type, old.object);
  }

  get watches(): number {
    return [...this.#streams].filter((stream) => stream.open).length;
  }

  #take(): BodyStream[] {
    const taken = [...this.#streams];
    this.#streams = new Set();
    return taken;
  }

  #record(type: LogEntry['type'], object: Thing): void {
    this.#log.push({ version: this.#version, type, object });
    for (const stream of this.#streams) this.#send(stream, type, object);
  }

  #send(stream: BodyStream, type: string, object: object): void {
    const bytes = Buffer.from(`${JSON.stringify({ type, object })}\n`);
    const size = this.chunkBytes === 0 ? bytes.length : this.chunkBytes;
    for (let start = 0; start < bytes.length; start += size) stream.push(bytes.subarray(start, start + size));
  }

  #answer(request: ApiRequest): Answer | Promise<Answer> {
    const fault = this.faults.shift();
    if (fault === 'refused') throw new Error('connect ECONNREFUSED');
    if (fault === 'silent') return new Promise(() => undefined);
    if (fault !== undefined) return failure(fault, fault === 410 ? 'Expired' : 'InternalError');
    return isWatch(request) ? this.#watch(request) : this.#list(request);
  }

  #list(request: ApiRequest): Answer {
    const limit = Number(parameter(request, 'limit') ?? Number.POSITIVE_INFINITY);
    const [version = '', offsetText = '0'] = (parameter(request, 'continue') ?? '').split(':');
    const at = version === '' ? String(this.#version) : version;
    if (version === '') this.#snapshots.set(at, [...this.objects.values()]);
    const snapshot = this.#snapshots.get(at);
    if (snapshot === undefined) return failure(410, 'Expired', 'The provided continue parameter is too old');
    const offset = Number(offsetText);
    const next = offset + limit;
    const metadata =
      next < snapshot.length ? { resourceVersion: at, continue: `${at}:${next}` } : { resourceVersion: at };
    return { body: { apiVersion: 'v1', kind: 'ThingList', metadata, items: snapshot.slice(offset, next) } };
  }

  #watch(request: ApiRequest): Answer {
    const from = Number(parameter(request, 'resourceVersion'));
    if (from < this.#compactedAt) return failure(410, 'Expired', 'too old resource version');
    const stream = new BodyStream();
    for (const entry of this.#log) {
      if (entry.version > from) this.#send(stream, entry.type, entry.object);
    }
    this.#streams.add(stream);
    return { body: stream };
  }
}
