/** Reads request bodies by hand: bounded in bytes each and together, whatever the Content-Type or its absence says. */
import type { IncomingMessage } from 'node:http';
import { fail, ok, type Result } from '../../base/index.js';
import type { InferenceError } from '../protocol/inference.js';
import type { BodyBuffers } from './bodyBuffers.js';

/** Bytes of all bodies being read or answered in this process. */
export class BodyBudget {
  #maxBytes: number;
  #used = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** What is taken already stays taken. */
  limitTo(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  get used(): number {
    return this.#used;
  }

  /** False when there is no room: the request has to come back later. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#maxBytes) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

export interface BodyLimits {
  readonly maxBytes: number;
  readonly budget: BodyBudget;
  readonly buffers: BodyBuffers;
}

export type BodyResult = Result<Buffer, InferenceError>;

/** A declared length is believed once this part of it, as 1/n, has come: the copies of doubling cost more than reading. */
const BELIEVED = 8;

const EMPTY = Buffer.alloc(0);

/** The client went away before its body was whole: nobody is there to be answered. */
export const GONE = Symbol('client gone');

/**
 * Reads the body into one buffer, a single chunk without copying. The bytes stay taken from the budget until
 * `release` is called, which the caller does once it has answered.
 */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #done: (result: BodyResult | typeof GONE) => void;
  /** The first chunk as it came, until there is a second. */
  #buffer: Buffer | undefined;
  #length = 0;
  /** What Content-Length says, once it is known to be within the limit; 0 without one. */
  #declared = 0;
  #taken = 0;
  #finished = false;

  /** `done` is called once, after what is pushed. */
  constructor(limits: BodyLimits, done: (result: BodyResult | typeof GONE) => void) {
    this.#limits = limits;
    this.#done = done;
  }

  /** Takes what Content-Length says. */
  declare(bytes: number): void {
    if (bytes > this.#limits.maxBytes) this.#finish(fail(tooLarge(this.#limits.maxBytes)));
    else this.#declared = bytes;
  }

  /** Reads the body of a request of node:http. */
  readFrom(request: IncomingMessage): void {
    request.on('data', (chunk: Buffer) => this.push(chunk));
    request.on('end', () => this.end());
    request.on('close', () => this.gone());
    this.declare(Number(request.headers['content-length'] ?? 0));
  }

  release(): void {
    this.#limits.budget.give(this.#taken);
    this.#taken = 0;
    this.#buffer = undefined;
  }

  push(chunk: Buffer): void {
    if (this.#finished) return;
    const length = this.#length + chunk.length;
    if (length > this.#limits.maxBytes) this.#finish(fail(tooLarge(this.#limits.maxBytes)));
    else if (!this.#limits.budget.take(chunk.length)) this.#finish(fail(NO_ROOM));
    else {
      this.#taken += chunk.length;
      this.#append(chunk);
      this.#length = length;
    }
  }

  /** The body is whole. */
  end(): void {
    const bytes = this.#buffer;
    this.#finish(ok(bytes?.length === this.#length ? bytes : (bytes?.subarray(0, this.#length) ?? EMPTY)));
  }

  /** The client went away. */
  gone(): void {
    this.#finish(GONE);
  }

  /**
   * Doubling, so that a million tiny chunks cost one buffer and not a million; the last step is to the declared length,
   * which is not believed before a part of it has come.
   */
  #append(chunk: Buffer): void {
    if (this.#buffer === undefined) {
      this.#buffer = chunk;
      return;
    }
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const { buffers } = this.#limits;
      const grown = buffers.take(this.#roomFor(needed));
      this.#buffer.copy(grown, 0, 0, this.#length);
      buffers.give(this.#buffer);
      this.#buffer = grown;
    }
    chunk.copy(this.#buffer, this.#length);
  }

  #roomFor(needed: number): number {
    if (needed <= this.#declared && this.#declared <= needed * BELIEVED) return this.#declared;
    return Math.min(Math.max(needed, this.#length * 2), this.#limits.maxBytes);
  }

  #finish(result: BodyResult | typeof GONE): void {
    if (this.#finished) return;
    this.#finished = true;
    // What still comes of a refused body is read and thrown away, so that the client gets to read its answer.
    if (result === GONE || !result.ok) this.release();
    this.#done(result);
  }
}

function tooLarge(maxBytes: number): InferenceError {
  return { code: 'PayloadTooLarge', message: `the body is larger than ${maxBytes} bytes` };
}

/** For a request whose body the budget has no bytes for. */
export const NO_ROOM: InferenceError = {
  code: 'QueueFull',
  message: 'the server holds as many request bodies as it may',
  retryAfterSeconds: 1,
};
