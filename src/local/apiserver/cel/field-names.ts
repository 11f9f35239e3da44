/**
 * How fields are named in CEL: what is not an identifier, or is a reserved word, is escaped.
 * Source: k8s.io/apiserver/pkg/cel/escaping.go.
 */
const RESERVED = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return var ' +
    'void while'
  ).split(' '),
);
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ESCAPABLE = /^[A-Za-z_][A-Za-z0-9_.\-/]*$/;

/** The name an expression uses for a field; undefined when none can. */
export function celFieldName(field: string): string | undefined {
  if (RESERVED.has(field)) return `__${field}__`;
  if (!ESCAPABLE.test(field)) return undefined;
  if (IDENTIFIER.test(field) && !field.includes('__')) return field;
  return field
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** Writes field names in back quotes (self.`in`) in their escaped form, outside of string literals. */
export function unquoteFields(expression: string): string {
  if (!expression.includes('`')) return expression;
  const tokens = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\.(\s*)`([^`\n]+)`/g;
  return expression.replace(tokens, (whole, text: string | undefined, space: string, field: string) =>
    text === undefined ? `.${space}${celFieldName(field) ?? field}` : whole,
  );
}
