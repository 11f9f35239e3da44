import type { Clock } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';

interface Slot {
  readonly hit: CacheHit;
  readonly bytes: number;
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
  /** In order of use: a Map iterates in the order of insertion, and a used slot is inserted anew. */
  readonly #slots = new Map<string, Slot>();
  /**
   * Stands at the least recently used slot: what it has passed is gone. One made anew for each eviction would have to pass
   * all that was deleted since the map was last laid out, tens of thousands of places.
   */
  #oldest = this.#slots.entries();
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
    this.#slots.delete(key);
    if (slot.hit.expiresAt <= this.#clock.now()) {
      this.#bytes -= slot.bytes;
      return undefined;
    }
    this.#slots.set(key, slot);
    return slot.hit;
  }

  set(key: string, entry: CacheEntry): void {
    const bytes = key.length + entry.value.byteLength + SLOT_OVERHEAD;
    const before = this.#slots.get(key);
    if (before !== undefined) {
      this.#slots.delete(key);
      this.#bytes -= before.bytes;
    }
    if (bytes > this.#maxBytes * LARGEST_SHARE) return;
    const { storedAt, expiresAt } = entry;
    const hit = { value: ownBytes(entry.value), storedAt, expiresAt, tier: 'memory' } as const;
    this.#slots.set(key, { hit, bytes });
    this.#bytes += bytes;
    this.#evict();
  }

  /** Removes every entry whose key begins so, and tells how many there were. Takes as long as there are entries of any kind. */
  drop(prefix: string): number {
    let dropped = 0;
    for (const [key, slot] of this.#slots) {
      if (!key.startsWith(prefix)) continue;
      this.#slots.delete(key);
      this.#bytes -= slot.bytes;
      dropped++;
    }
    return dropped;
  }

  async close(): Promise<void> {
    this.#slots.clear();
    this.#oldest = this.#slots.entries();
    this.#bytes = 0;
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes && this.#slots.size > 0) {
      const oldest = this.#oldest.next();
      if (oldest.done === true) {
        this.#oldest = this.#slots.entries();
        continue;
      }
      const [key, slot] = oldest.value;
      this.#slots.delete(key);
      this.#bytes -= slot.bytes;
      this.#evictions++;
    }
  }
}

/** A view of a larger buffer would keep all of it alive, and the bound would be a lie. `Buffer.slice` is such a view. */
function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
}
