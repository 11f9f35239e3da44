/**
 * Who was used last, as a ring of links: moving one to the end touches its neighbours and nothing else. A Map's order of insertion
 * would do, but one whose entries are deleted and inserted at each use is laid out anew every few thousand uses, and an
 * iterator that stands at the oldest keeps every layout there has been since.
 */
export class Link {
  older: Link = this;
  newer: Link = this;
}

export class UseOrder<T extends Link> {
  /** Newer than the newest and older than the oldest. */
  readonly #ends = new Link();

  get oldest(): T | undefined {
    const { newer } = this.#ends;
    return newer === this.#ends ? undefined : (newer as T);
  }

  /** Puts one that is in no order behind the one used last. */
  add(link: T): void {
    const ends = this.#ends;
    link.older = ends.older;
    link.newer = ends;
    ends.older.newer = link;
    ends.older = link;
  }

  /** Takes one out. It refers to nobody afterwards: old garbage would keep what is young. */
  remove(link: T): void {
    link.older.newer = link.newer;
    link.newer.older = link.older;
    link.older = link;
    link.newer = link;
  }

  used(link: T): void {
    if (this.#ends.older === link) return;
    this.remove(link);
    this.add(link);
  }
}
