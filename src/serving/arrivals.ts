/**
 * Lets in whoever connects before a model runs. libuv accepts one connection in each turn of the event loop (since 1.45.0, "don't accept()
 * connections in a loop"): where every turn runs a model, those who came together are let in one by one, a run apart, while
 * those who were let in first ask again and again.
 */
import type { Server } from 'node:net';

/** Turns without a run, at most: clients that connect without end do not keep the model from running. */
const MOST_TURNS = 16;

export class Arrivals {
  readonly #nextTurn: (callback: () => void) => void;
  #arrived = 0;

  /** `nextTurn`: runs a function when the input at hand has been read, as setImmediate does. */
  constructor(nextTurn: (callback: () => void) => void) {
    this.#nextTurn = nextTurn;
  }

  /** Counts what `server` accepts. */
  watch(server: Server): void {
    server.prependListener('connection', this.oneCame);
  }

  /** For a connection that no listener is told of. */
  readonly oneCame = (): void => {
    this.#arrived++;
  };

  /** Runs `callback` after the first turn in which nobody came. */
  readonly afterInput = (callback: () => void): void => {
    let turns = 0;
    let before = this.#arrived;
    const look = (): void => {
      if (this.#arrived === before || ++turns === MOST_TURNS) {
        callback();
        return;
      }
      before = this.#arrived;
      this.#nextTurn(look);
    };
    this.#nextTurn(look);
  };
}
