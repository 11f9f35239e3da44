/** A set of field paths (structured-merge-diff's fieldpath.Set) and its encoding FieldsV1. Never changed once made. */
import { isObject, setOwn, type JsonObject } from '../json.js';
import { printElement, type PathElement } from './path-element.js';

const NO_MEMBERS: ReadonlySet<PathElement> = new Set();
const NO_CHILDREN: ReadonlyMap<PathElement, FieldSet> = new Map();

export class FieldSet {
  static readonly EMPTY = new FieldSet(NO_MEMBERS, NO_CHILDREN);

  /** @param members the paths of one element; @param children the longer ones, by their first element, none empty */
  constructor(
    readonly members: ReadonlySet<PathElement>,
    readonly children: ReadonlyMap<PathElement, FieldSet>,
  ) {}

  isEmpty(): boolean {
    return this.members.size === 0 && this.children.size === 0;
  }

  /** What of this set lies below `element`. */
  below(element: PathElement): FieldSet {
    return this.children.get(element) ?? FieldSet.EMPTY;
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty()) return this;
    if (this.isEmpty()) return other;
    const members = new Set([...this.members, ...other.members]);
    return this.combine(other, members, (a, b) => a.union(b), [
      ...this.children.keys(),
      ...other.children.keys(),
    ]);
  }

  intersection(other: FieldSet): FieldSet {
    const members = new Set([...this.members].filter((member) => other.members.has(member)));
    return this.combine(other, members, (a, b) => a.intersection(b), this.children.keys());
  }

  /** The paths of this set that are not in the other; a path's own children stay. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty()) return this;
    const members = new Set([...this.members].filter((member) => !other.members.has(member)));
    return this.combine(other, members, (a, b) => a.difference(b), this.children.keys());
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).isEmpty() && other.difference(this).isEmpty();
  }

  /** This set without the named top-level fields and everything below them. */
  withoutFields(names: readonly string[]): FieldSet {
    const dropped = new Set(names.map((name) => `f:${name}`));
    return new FieldSet(
      new Set([...this.members].filter((member) => !dropped.has(member))),
      new Map([...this.children].filter(([element]) => !dropped.has(element))),
    );
  }

  private combine(
    other: FieldSet,
    members: ReadonlySet<PathElement>,
    operation: (a: FieldSet, b: FieldSet) => FieldSet,
    elements: Iterable<PathElement>,
  ): FieldSet {
    const children = new Map<PathElement, FieldSet>();
    for (const element of elements) {
      const child = operation(this.below(element), other.below(element));
      if (!child.isEmpty()) children.set(element, child);
    }
    return new FieldSet(members, children);
  }

  /** Every path as messages print it, such as `.spec.containers[name="web"].image`; own paths before longer ones. */
  paths(prefix = ''): string[] {
    const own = [...this.members].sort().map((member) => prefix + printElement(member));
    const longer = [...this.children]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([element, child]) => child.paths(prefix + printElement(element)));
    return [...own, ...longer];
  }

  /** FieldsV1: `{"f:spec":{".":{},"f:replicas":{}}}`. */
  toJson(): JsonObject {
    const json: JsonObject = {};
    const elements = new Set([...this.members, ...this.children.keys()]);
    for (const element of [...elements].sort()) {
      const below = this.below(element).toJson();
      const self = this.members.has(element) && this.children.has(element);
      setOwn(json, element, self ? { '.': {}, ...below } : below);
    }
    return json;
  }

  /** Of FieldsV1. Throws TypeError when it is none. */
  static fromJson(json: unknown): FieldSet {
    if (!isObject(json)) throw new TypeError('FieldsV1 is no object');
    const builder = new FieldSetBuilder();
    for (const [element, value] of Object.entries(json)) {
      if (element === '.') continue;
      if (!/^[fikv]:/.test(element)) throw new TypeError(`FieldsV1 has the path element ${element}`);
      const below = FieldSet.fromJson(value);
      if (isObject(value) && (below.isEmpty() || Object.hasOwn(value, '.'))) builder.add(element);
      builder.addBelow(element, below);
    }
    return builder.build();
  }
}

/** Collects the paths of one object or list. */
export class FieldSetBuilder {
  private readonly members = new Set<PathElement>();
  private readonly children = new Map<PathElement, FieldSet>();

  add(element: PathElement): void {
    this.members.add(element);
  }

  addBelow(element: PathElement, set: FieldSet): void {
    if (!set.isEmpty()) this.children.set(element, this.children.get(element)?.union(set) ?? set);
  }

  build(): FieldSet {
    return new FieldSet(this.members, this.children);
  }
}
