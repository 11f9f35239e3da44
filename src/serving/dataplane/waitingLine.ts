/** Who waits for the model: the most urgent first, and first come first among equals. */
export interface Waiting {
  /** 1 goes first. */
  readonly priority: number;
}

/** Places of who has left are cut off when there are as many: taking them out one by one would move everybody each time. */
const EMPTY_PLACES = 256;

export class WaitingLine<T extends Waiting> {
  /** In the order in which they are to be served, from `#front` on. */
  #line: (T | undefined)[] = [];
  #front = 0;

  get length(): number {
    return this.#line.length - this.#front;
  }

  /** Behind everybody at least as urgent. Nearly all requests have one level, so that this is a push. */
  add(item: T): void {
    const line = this.#line;
    let at = line.length;
    while (at > this.#front && (line[at - 1]?.priority ?? 0) > item.priority) at--;
    if (at === line.length) line.push(item);
    else line.splice(at, 0, item);
  }

  /** Takes out whoever would be served last, if that one is less urgent than `priority`. */
  giveUpFor(priority: number): T | undefined {
    const last = this.#line.at(-1);
    return last !== undefined && last.priority > priority ? this.#line.pop() : undefined;
  }

  /** Visits from the front until told to stop, so that who waits far behind costs nothing. */
  visit(decide: (item: T) => 'leaves' | 'stays' | 'stop'): void {
    const line = this.#line;
    const stayed: T[] = [];
    let at = this.#front;
    for (; at < line.length; at++) {
      const item = line[at] as T;
      const decision = decide(item);
      if (decision === 'stop') break;
      if (decision === 'stays') stayed.push(item);
      line[at] = undefined;
    }
    this.#front = at - stayed.length;
    for (const [i, item] of stayed.entries()) line[this.#front + i] = item;
    if (this.#front >= EMPTY_PLACES || this.length === 0) this.#cutOff();
  }

  /** Visits everybody in order; who is answered with false leaves. */
  keep(stays: (item: T) => boolean): void {
    this.#cutOff();
    this.#line = this.#line.filter((item) => item !== undefined && stays(item));
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.#front; at < this.#line.length; at++) yield this.#line[at] as T;
  }

  #cutOff(): void {
    this.#line.splice(0, this.#front);
    this.#front = 0;
  }
}
