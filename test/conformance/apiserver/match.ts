/** Comparison of an answer with a recorded one, by the rules of the corpus. */
import { matchText } from './placeholders.js';

export interface MatchRules {
  /** Every recorded key must be there; others may be. */
  readonly subset?: boolean;
  /** `items` in any order. */
  readonly anyOrder?: boolean;
  /** `groups` and `resources` by name, either side may lack some. */
  readonly mayOmit?: boolean;
  /** Compare the `items` of the recorded names. */
  readonly itemsByName?: boolean;
  /** Same keys and types only. */
  readonly shape?: boolean;
}

type Json = Record<string, unknown>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the first difference is and what it is; undefined when there is none. Bindings are kept only then. */
export function difference(
  expected: unknown,
  actual: unknown,
  bindings: Map<string, string>,
  rules: MatchRules = {},
): string | undefined {
  const tentative = new Map(bindings);
  const found = new Matcher(tentative, rules).compare(expected, actual, '');
  if (found === undefined) for (const [name, value] of tentative) bindings.set(name, value);
  return found;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 1500 ? `${text.slice(0, 1500)}…` : text;
}

class Matcher {
  constructor(
    private readonly bindings: Map<string, string>,
    private readonly rules: MatchRules,
  ) {}

  compare(expected: unknown, actual: unknown, path: string): string | undefined {
    if (this.rules.shape === true && typeof expected === typeof actual && typeof expected !== 'object')
      return undefined;
    if (typeof expected === 'string') return this.text(expected, actual, path);
    if (Array.isArray(expected)) return this.array(expected, actual, path);
    if (isJson(expected)) return this.object(expected, actual, path);
    return expected === actual ? undefined : this.says(path, expected, actual);
  }

  private says(path: string, expected: unknown, actual: unknown): string {
    return `${path === '' ? '.' : path}: recorded ${shown(expected)}, got ${shown(actual)}`;
  }

  private text(expected: string, actual: unknown, path: string): string | undefined {
    const text = /^<port:\d+>$/.test(expected) && typeof actual === 'number' ? String(actual) : actual;
    if (typeof text === 'string') {
      if (matchText(expected, text, this.bindings)) return undefined;
      if (this.listsTheSame(expected, text)) return undefined;
    }
    return this.says(path, expected, actual);
  }

  /** The bracketed list of an Invalid message has no fixed order. */
  private listsTheSame(expected: string, actual: string): boolean {
    const split = (text: string) => {
      const match = /^(.*? is invalid: )\[(.*)\]$/s.exec(text);
      if (match === null) return undefined;
      return [match[1] ?? '', ...(match[2] ?? '').split(/, (?=[A-Za-z<".][^\s:]*: )/)];
    };
    const [left, right] = [split(expected), split(actual)];
    if (left === undefined || right === undefined || left.length !== right.length) return false;
    return this.permuted(left, right, '') === undefined;
  }

  private array(expected: readonly unknown[], actual: unknown, path: string): string | undefined {
    if (!Array.isArray(actual)) return this.says(path, expected, actual);
    const list = actual as readonly unknown[];
    if (this.rules.mayOmit === true && /^\.(groups|resources|versions)$/.test(path)) {
      return this.byName(expected, list, path, false);
    }
    if (this.rules.itemsByName === true && path === '.items') return this.byName(expected, list, path, true);
    if (expected.length !== list.length) {
      return `${path}: recorded ${expected.length} items, got ${list.length}: ${shown(expected)} / ${shown(list)}`;
    }
    const unordered =
      (this.rules.anyOrder === true && path === '.items') || /\.(causes|managedFields)$/.test(path);
    if (unordered) return this.permuted(expected, list, path);
    for (const [index, item] of expected.entries()) {
      const found = this.compare(item, list[index], `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Each recorded item finds one of its own. */
  private permuted(
    expected: readonly unknown[],
    actual: readonly unknown[],
    path: string,
  ): string | undefined {
    const left = [...actual];
    for (const [index, item] of expected.entries()) {
      const at = left.findIndex(
        (candidate) => difference(item, candidate, this.bindings, this.rules) === undefined,
      );
      if (at < 0) return `${path}[${index}]: nothing like ${shown(item)} in ${shown(left)}`;
      left.splice(at, 1);
    }
    return undefined;
  }

  private byName(
    expected: readonly unknown[],
    actual: readonly unknown[],
    path: string,
    required: boolean,
  ): string | undefined {
    const nameOf = (item: unknown): unknown => {
      if (!isJson(item)) return item;
      return (
        item['name'] ??
        item['groupVersion'] ??
        (isJson(item['metadata']) ? item['metadata']['name'] : undefined)
      );
    };
    for (const item of expected) {
      const twin = actual.find((candidate) => nameOf(candidate) === nameOf(item));
      if (twin === undefined && required) return `${path}: no ${shown(nameOf(item))}`;
      if (twin === undefined) continue;
      const found = this.compare(item, twin, `${path}[${String(nameOf(item))}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private object(expected: Json, actual: unknown, path: string): string | undefined {
    if (!isJson(actual)) return this.says(path, expected, actual);
    const left = new Set(Object.keys(actual));
    for (const [key, value] of Object.entries(expected)) {
      const own = key.includes('<') ? [...left].find((each) => matchText(key, each, this.bindings)) : key;
      if (own === undefined || !left.has(own)) return `${path}.${key}: missing (recorded ${shown(value)})`;
      left.delete(own);
      const found = this.compare(value, actual[own], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    if (this.rules.subset === true || left.size === 0) return undefined;
    const [extra = ''] = left;
    return `${path}.${extra}: not recorded (got ${shown(actual[extra])})`;
  }
}
