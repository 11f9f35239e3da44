/** The recordings' placeholders: they bind at first sight and must be equal afterwards. */

const PATTERNS: Readonly<Record<string, string>> = {
  uid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  rv: '\\d+',
  listrv: '\\d+',
  name: '[a-z0-9]{4,16}',
  hash: '[a-z0-9]+',
  ip: '[0-9a-f.:]+',
  port: '\\d+',
  continue: '[A-Za-z0-9_=-]+',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  microtime: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z',
  age: '\\S+',
  server: '\\S+',
  pointer: '0x[0-9a-f]+',
  etag: '[0-9A-F]+',
};

/** Kinds of placeholder that are new each time they are written with a new number. */
const UNIQUE: ReadonlySet<string> = new Set(['uid', 'rv', 'name', 'ip', 'hash']);

const PLACEHOLDER =
  /<(?:(\w+):(\d+)|(\w+)\*(\d+)|any:((?:<[^>]*>|[^>])*)|(time|microtime|age|server|pointer|etag))>/g;

export type Bindings = ReadonlyMap<string, string>;

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

interface Compiled {
  readonly pattern: RegExp;
  /** The placeholders of the pattern's groups. */
  readonly names: readonly string[];
}

function compile(text: string, bindings: Bindings): Compiled {
  const names: string[] = [];
  return { pattern: new RegExp(`^${sourceOf(text, bindings, names)}$`, 's'), names };
}

/** The pattern of a recorded text; `names` gets the placeholders of its groups. */
function sourceOf(text: string, bindings: Bindings, names: string[]): string {
  let source = '';
  let at = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    source += escaped(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [, kind = '', number = '', letter, count, alternatives, plain] = match;
    if (letter !== undefined) source += escaped(letter.repeat(Number(count)));
    else if (plain !== undefined) source += PATTERNS[plain] ?? '.*';
    else if (alternatives !== undefined) {
      source += `(?:${alternatives
        .split('|')
        .map((each) => sourceOf(each, bindings, names))
        .join('|')})`;
    } else {
      const bound = bindings.get(`${kind}:${number}`);
      source += bound === undefined ? `(${PATTERNS[kind] ?? '.+?'})` : escaped(bound);
      if (bound === undefined) names.push(`${kind}:${number}`);
    }
  }
  return source + escaped(text.slice(at));
}

/** Whether `actual` is what was recorded; new bindings are added to `bindings`. */
export function matchText(expected: string, actual: string, bindings: Map<string, string>): boolean {
  if (!expected.includes('<')) return expected === actual;
  const { pattern, names } = compile(expected, bindings);
  const match = pattern.exec(actual);
  if (match === null) return false;
  for (const [index, name] of names.entries()) {
    const value = match[index + 1];
    if (value === undefined) continue;
    const bound = bindings.get(name);
    if (bound !== undefined && bound !== value) return false;
    if (bound === undefined && isTaken(name, value, bindings)) return false;
    bindings.set(name, value);
  }
  return true;
}

function isTaken(name: string, value: string, bindings: Bindings): boolean {
  const kind = name.slice(0, name.indexOf(':') + 1);
  if (!UNIQUE.has(kind.slice(0, -1))) return false;
  return [...bindings].some(([other, bound]) => other !== name && other.startsWith(kind) && bound === value);
}

/** A recorded text with what is bound put in. */
export function fillIn(text: string, bindings: Bindings): string {
  return text.replace(
    PLACEHOLDER,
    (whole, kind?: string, number?: string, letter?: string, count?: string) => {
      if (letter !== undefined) return letter.repeat(Number(count));
      if (kind === undefined) return whole;
      return bindings.get(`${kind}:${number ?? ''}`) ?? whole;
    },
  );
}

/** Fills in every string of a value. */
export function fillInValue(value: unknown, bindings: Bindings): unknown {
  if (typeof value === 'string') {
    const filled = fillIn(value, bindings);
    return /^<port:\d+>$/.test(value) ? Number(filled) : filled;
  }
  if (Array.isArray(value)) return value.map((item) => fillInValue(item, bindings));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fillIn(key, bindings), fillInValue(item, bindings)]),
  );
}
