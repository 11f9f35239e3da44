/** The models a client may use: names, and patterns in which `*` stands for any characters. */
export interface ModelScope {
  readonly names: ReadonlySet<string>;
  readonly patterns: readonly string[];
}

export function modelScope(models: readonly string[]): ModelScope {
  return {
    names: new Set(models.filter((model) => !model.includes('*'))),
    patterns: models.filter((model) => model.includes('*')),
  };
}

export function isInScope(scope: ModelScope, model: string): boolean {
  return scope.names.has(model) || scope.patterns.some((pattern) => matches(pattern, model));
}

/** Each part between stars is looked for once, from where the one before ended: the time is bounded, as a RegExp's is not. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
