import type { Clock } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';
import { Link, UseOrder } from './useOrder.js';

class Slot extends Link {
  readonly key: string;
  readonly hit: CacheHit;
  readonly bytes: number;

  constructor(key: string, hit: CacheHit, bytes: number) {
    super();
    this.key = key;
    this.hit = hit;
    this.bytes = bytes;
  }
}

/**
 * What a slot costs beside its key and value, measured as growth of the resident memory: the Map's entry, two objects and
 * their numbers, and above all the array with its buffer, half of which V8 keeps outside its heap.
 */
const SLOT_OVERHEAD = 768;

/** No single answer may push out more than this share of the others. */
const LARGEST_SHARE = 1 / 8;

/** Least recently used goes first; every operation takes the same time however many entries there are. */
export class MemoryCache implements PredictionCache {
  #maxBytes: number;
  readonly #clock: Clock;
  readonly #slots = new Map<string, Slot>();
  readonly #order = new UseOrder<Slot>();
  #bytes = 0;
  #evictions = 0;

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#slots.size;
  }

  get evictions(): number {
    return this.#evictions;
  }

  /** Drops what is too much. */
  limitTo(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evict();
  }

  get(key: string): CacheHit | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    if (slot.hit.expiresAt <= this.#clock.now()) {
      this.#remove(slot);
      return undefined;
    }
    this.#order.used(slot);
    return slot.hit;
  }

  set(key: string, entry: CacheEntry): void {
    const bytes = key.length + entry.value.byteLength + SLOT_OVERHEAD;
    const before = this.#slots.get(key);
    if (before !== undefined) this.#remove(before);
    if (bytes > this.#maxBytes * LARGEST_SHARE) return;
    const { storedAt, expiresAt } = entry;
    const hit = { value: ownBytes(entry.value), storedAt, expiresAt, tier: 'memory' } as const;
    const slot = new Slot(key, hit, bytes);
    this.#slots.set(key, slot);
    this.#order.add(slot);
    this.#bytes += bytes;
    this.#evict();
  }

  /** Removes every entry whose key begins so, and tells how many there were. Takes as long as there are entries of any kind. */
  drop(prefix: string): number {
    let dropped = 0;
    for (const [key, slot] of this.#slots) {
      if (!key.startsWith(prefix)) continue;
      this.#remove(slot);
      dropped++;
    }
    return dropped;
  }

  async close(): Promise<void> {
    this.drop('');
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const { oldest } = this.#order;
      if (oldest === undefined) return;
      this.#remove(oldest);
      this.#evictions++;
    }
  }

  #remove(slot: Slot): void {
    this.#slots.delete(slot.key);
    this.#order.remove(slot);
    this.#bytes -= slot.bytes;
  }
}

/** A view of a larger buffer would keep all of it alive, and the bound would be a lie. `Buffer.slice` is such a view. */
function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
}
