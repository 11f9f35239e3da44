import { apiVersionOf, type KindRow } from './kind.js';
import { BUILTIN_KINDS } from './kinds.js';

/** Every kind served now: the built-in ones and those of established CustomResourceDefinitions. */
export interface KindRegistry {
  /** Rises with each change; what is derived from the rows is stale when it has. */
  readonly generation: number;
  all(): readonly KindRow[];
  find(group: string, version: string, plural: string): KindRow | undefined;
  findKind(apiVersion: string, kind: string): KindRow | undefined;
  hasGroup(group: string): boolean;
  hasGroupVersion(group: string, version: string): boolean;
  /** Replaces the rows of one definition; none removes them. */
  setCustom(definition: string, rows: readonly KindRow[]): void;
}

export function createKindRegistry(): KindRegistry {
  const custom = new Map<string, readonly KindRow[]>();
  let rows: readonly KindRow[] = BUILTIN_KINDS;
  let generation = 1;
  let byPath = new Map<string, KindRow>();
  let versions = new Set<string>();
  let groups = new Set<string>();

  const index = () => {
    rows = [...BUILTIN_KINDS, ...Array.from(custom.values()).flat()];
    byPath = new Map(rows.map((row) => [`${row.group}/${row.version}/${row.plural}`, row]));
    versions = new Set(rows.map((row) => `${row.group}/${row.version}`));
    groups = new Set(rows.map((row) => row.group));
    generation++;
  };
  index();

  return {
    get generation() {
      return generation;
    },
    all: () => rows,
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    findKind: (apiVersion, kind) => rows.find((row) => row.kind === kind && apiVersionOf(row) === apiVersion),
    hasGroup: (group) => groups.has(group),
    hasGroupVersion: (group, version) => versions.has(`${group}/${version}`),
    setCustom(definition, customRows) {
      if (customRows.length === 0) custom.delete(definition);
      else custom.set(definition, customRows);
      index();
    },
  };
}
