/** Where the entries of each version of a model are: what begins their keys changes when they are purged. */

export interface VersionName {
  readonly name: string;
  readonly version: string;
}

/**
 * The keys of one version. They hold its generation, a number that only grows: after a purge there is another, and what
 * was stored under the one before is never looked up again, whoever stores it and however late.
 */
export class VersionKeys {
  /** The version's name in keys; letters, digits, `-._~%:` alone. */
  readonly id: string;
  #generation = 0;
  #prefix: string;
  #refreshes = 0;
  #answersPrefix = '';

  constructor({ name, version }: VersionName) {
    this.id = `${escaped(name)}:${escaped(version)}`;
    this.#prefix = this.#prefixOf(0);
    this.#refresh();
  }

  get generation(): number {
    return this.#generation;
  }

  /** What every key of this version begins with now. */
  get prefix(): string {
    return this.#prefix;
  }

  /** What the keys of answers by their bytes begin with: they do not tell which prediction they hold. */
  get answersPrefix(): string {
    return this.#answersPrefix;
  }

  /** A prediction was computed afresh because somebody asked for that: answers that hold the one before are not looked up again. */
  refreshed(): void {
    this.#refreshes++;
    this.#refresh();
  }

  /** What the keys of every generation begin with. */
  get anyPrefix(): string {
    return `${this.id}:`;
  }

  /** Begins `generation`; false when it, or a later one, has begun already. */
  advanceTo(generation: number): boolean {
    if (generation <= this.#generation) return false;
    this.#generation = generation;
    this.#prefix = this.#prefixOf(generation);
    this.#refresh();
    return true;
  }

  #refresh(): void {
    this.#answersPrefix = `${this.#prefix}${this.#refreshes.toString(36)}:`;
  }

  #prefixOf(generation: number): string {
    return `${this.id}:${generation.toString(36)}:`;
  }
}

/** The keys of every version that this process has heard of. */
export class Keyspace {
  readonly #versions = new Map<string, VersionKeys>();

  of(version: VersionName): VersionKeys {
    const keys = new VersionKeys(version);
    const before = this.#versions.get(keys.id);
    if (before === undefined) this.#versions.set(keys.id, keys);
    return before ?? keys;
  }

  all(): readonly VersionKeys[] {
    return [...this.#versions.values()];
  }
}

/** Without what means something in a key (`:`), to a Cluster (`{`) or in a pattern (`*`, `?`, `[`). */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** What `escaped` made of a version's name in `id`; undefined when `id` is of another model. */
export function versionIn(id: string, model: string): string | undefined {
  const start = `${escaped(model)}:`;
  if (!id.startsWith(start)) return undefined;
  try {
    return decodeURIComponent(id.slice(start.length));
  } catch {
    return undefined;
  }
}
