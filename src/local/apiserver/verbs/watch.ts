import type { KubeObject } from '../../../kube/index.js';
import type { Timer } from '../../../base/index.js';
import { expired } from '../status.js';
import { viewOf } from '../kinds/view.js';
import type { Bucket, Change } from '../storage/bucket.js';
import { columnsOf, type MetaVersion, parseIncludeObject, toTable } from '../table/index.js';
import type { Answer, Call, Core } from './call.js';
import { emptyObject, objectText, partialText } from './encode.js';
import { createEventStream, type EventStream } from './eventStream.js';
import { type ListOptions, parseResourceVersion, tooLarge } from './listOptions.js';

/** Watches without a timeout of their own end after this long, and up to as much again. */
const MIN_TIMEOUT_MS = 30 * 60_000;
const BOOKMARK_INTERVAL_MS = 60_000;
/** Bookmarks also come this long before the end. */
const BOOKMARK_BEFORE_END_MS = 2_000;

/** Turns an object into the text that stands in an event. */
export type EventEncoder = (object: KubeObject) => string;

/** GET of a collection (or one object) with watch=1. */
export function watchObjects(core: Core, call: Call, options: ListOptions): Answer {
  const bucket = core.store.bucket(call.row.storageKey);
  const watch = new Watch(core, call, options, bucket);
  return { kind: 'watch', frames: watch.start(), format: call.negotiated.format };
}

/** One client's watch. */
class Watch {
  private readonly timers: Timer[] = [];
  private unsubscribe: () => void = () => undefined;
  private stream: EventStream | undefined;
  private readonly encode: EventEncoder;
  private readonly end = (): void => this.stream?.close();
  /** The newest revision of the bucket, and the newest the client has seen. */
  private seen = 0;
  private sent = 0;

  constructor(
    private readonly core: Core,
    private readonly call: Call,
    private readonly options: ListOptions,
    private readonly bucket: Bucket,
  ) {
    this.encode = eventEncoder(core, call);
  }

  start(): AsyncIterable<Uint8Array> {
    const asked = parseResourceVersion(this.options.resourceVersion);
    if (asked > this.core.store.revision && this.options.sendInitialEvents !== undefined) {
      throw tooLarge(asked, this.core.store.revision);
    }
    const initial = this.initialFrames(asked);
    this.stream = createEventStream(initial.frames, () => this.stop());
    this.core.openWatches.add(this.end);
    this.call.signal?.addEventListener('abort', this.end, { once: true });
    if (this.call.signal?.aborted === true) this.end();
    if (initial.failed || this.call.signal?.aborted === true) return this.stream.frames;
    this.unsubscribe = this.bucket.subscribe((change) => this.deliver(change));
    this.schedule();
    return this.stream.frames;
  }

  private initialFrames(asked: number): { frames: Uint8Array[]; failed: boolean } {
    const now = this.core.store.revision;
    const wanted = this.options.sendInitialEvents ?? asked === 0;
    this.seen = now;
    this.sent = now;
    if (wanted) {
      const state = this.bucket.list().filter((object) => this.selects(object));
      const frames = state.map((object) => this.frame('ADDED', object));
      if (this.options.sendInitialEvents === true && this.options.allowWatchBookmarks) {
        frames.push(this.bookmark(now, true));
      }
      return { frames, failed: false };
    }
    const from = asked === 0 ? now : asked;
    const changes = this.bucket.since(from);
    if (changes === undefined) {
      const status = expired(`too old resource version: ${from} (${now})`).status;
      return { frames: [frameOf('ERROR', JSON.stringify(status))], failed: true };
    }
    const frames = changes.flatMap((change) => {
      const frame = this.eventOf(change);
      return frame === undefined ? [] : [frame];
    });
    return { frames, failed: false };
  }

  private deliver(change: Change): void {
    this.seen = change.revision;
    const frame = this.eventOf(change);
    if (frame === undefined) return;
    this.sent = change.revision;
    this.stream?.push(frame);
  }

  /** A change as this watch sees it: what enters the selection is ADDED, what leaves it is DELETED. */
  private eventOf({ type, object, previous, revision }: Change): Uint8Array | undefined {
    const is = type !== 'DELETED' && this.selects(object);
    const was = previous !== undefined && this.selects(previous);
    if (is) return this.frame(was ? 'MODIFIED' : 'ADDED', object);
    if (!was) return undefined;
    if (type === 'DELETED') return this.frame('DELETED', object);
    const metadata = { ...previous.metadata, resourceVersion: String(revision) };
    return this.frame('DELETED', { ...previous, metadata });
  }

  private selects(object: KubeObject): boolean {
    const { namespace, name } = this.call;
    if (namespace !== '' && object.metadata.namespace !== namespace) return false;
    if (name !== '' && object.metadata.name !== name) return false;
    return this.options.matches(object);
  }

  private frame(type: string, object: KubeObject): Uint8Array {
    return frameOf(type, this.encode(object));
  }

  private bookmark(revision: number, initialEnd: boolean): Uint8Array {
    const object = emptyObject(this.call.row, String(revision));
    if (initialEnd) object.metadata.annotations = { 'k8s.io/initial-events-end': 'true' };
    return this.frame('BOOKMARK', object);
  }

  private schedule(): void {
    const { clock, random } = this.core;
    const timeout =
      this.options.timeout === undefined ? MIN_TIMEOUT_MS * (1 + random.next()) : this.options.timeout * 1000;
    this.timers.push(clock.schedule(timeout, () => this.stream?.close()));
    if (!this.options.allowWatchBookmarks) return;
    this.timers.push(
      clock.schedule(Math.max(0, timeout - BOOKMARK_BEFORE_END_MS), () => this.sendBookmark()),
    );
    const repeat = () => {
      this.sendBookmark();
      this.timers[2] = clock.schedule(BOOKMARK_INTERVAL_MS, repeat);
    };
    this.timers[2] = clock.schedule(BOOKMARK_INTERVAL_MS, repeat);
  }

  private sendBookmark(): void {
    if (this.seen <= this.sent) return;
    this.sent = this.seen;
    this.stream?.push(this.bookmark(this.seen, false));
  }

  private stop(): void {
    this.core.openWatches.delete(this.end);
    this.call.signal?.removeEventListener('abort', this.end);
    this.unsubscribe();
    for (const timer of this.timers) timer.cancel();
  }
}

function frameOf(type: string, objectJson: string): Uint8Array {
  return Buffer.from(`{"type":"${type}","object":${objectJson}}\n`);
}

function eventEncoder(core: Core, call: Call): EventEncoder {
  const { row, negotiated } = call;
  const transform = negotiated.transform;
  if (transform === undefined) return (object) => objectText(object, row);
  if (transform.as === 'Table') return tableEncoder(core, call, transform.version);
  return (object) => partialText(object, transform.version);
}

/** Each event's object as a Table of one row; only the first says what its columns are. */
function tableEncoder({ clock }: Core, { row, query }: Call, version: MetaVersion): EventEncoder {
  const includeObject = parseIncludeObject(query.get('includeObject') ?? undefined);
  const columns = columnsOf(row);
  let withColumns = true;
  return (object) => {
    const { resourceVersion, name } = object.metadata;
    const rows = name === undefined ? [] : [viewOf(object, row)];
    const listMeta = resourceVersion === undefined ? {} : { resourceVersion };
    const table = toTable(rows, columns, { includeObject, now: clock.now(), listMeta, version, withColumns });
    withColumns = false;
    return JSON.stringify(table);
  };
}
