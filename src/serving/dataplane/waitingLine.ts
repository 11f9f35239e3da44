/** Who waits for the model: the most urgent first, and first come first among equals. */
export interface Waiting {
  /** 1 goes first. */
  readonly priority: number;
}

export class WaitingLine<T extends Waiting> {
  /** In the order in which they are to be served. */
  #line: T[] = [];

  get length(): number {
    return this.#line.length;
  }

  /** Behind everybody at least as urgent. Nearly all requests have one level, so that this is a push. */
  add(item: T): void {
    const line = this.#line;
    let at = line.length;
    while (at > 0 && (line[at - 1]?.priority ?? 0) > item.priority) at--;
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
    const stayed: T[] = [];
    let at = 0;
    for (; at < this.#line.length; at++) {
      const item = this.#line[at] as T;
      const decision = decide(item);
      if (decision === 'stop') break;
      if (decision === 'stays') stayed.push(item);
    }
    this.#line.splice(0, at, ...stayed);
  }

  /** Visits everybody in order; who is answered with false leaves. */
  keep(stays: (item: T) => boolean): void {
    this.#line = this.#line.filter(stays);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#line[Symbol.iterator]();
  }
}
