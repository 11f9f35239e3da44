/** The labelSelector query parameter: grammar and messages of k8s.io/apimachinery/pkg/labels. */
import { badRequest } from '../status.js';

type Operator = 'in' | 'notin' | 'exists' | '!' | '=' | '!=' | '>' | '<';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

interface Lexeme {
  readonly kind: 'symbol' | 'identifier' | 'end';
  readonly text: string;
}

const SYMBOLS = ['!=', '==', '=', '!', '(', ')', ',', '>', '<'];
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_MESSAGE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function lex(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
    if (symbol !== undefined) {
      lexemes.push({ kind: 'symbol', text: symbol });
      at += symbol.length;
      continue;
    }
    const word = /^[^\s!=(),><]+/.exec(text.slice(at))?.[0] ?? '';
    lexemes.push({ kind: 'identifier', text: word });
    at += word.length;
  }
  return lexemes;
}

const END: Lexeme = { kind: 'end', text: '' };

class SelectorParser {
  private at = 0;

  constructor(private readonly lexemes: readonly Lexeme[]) {}

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const next = this.peek();
      if (next.kind === 'end') return requirements;
      if (next.kind !== 'identifier' && next.text !== '!') {
        throw badRequest(`found '${next.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.requirement());
      const after = this.take();
      if (after.kind === 'end') return requirements;
      if (after.text !== ',') throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.peek();
      if (following.kind !== 'identifier' && following.text !== '!') {
        throw badRequest(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  private peek(): Lexeme {
    return this.lexemes[this.at] ?? END;
  }

  private take(): Lexeme {
    const lexeme = this.peek();
    this.at++;
    return lexeme;
  }

  private requirement(): Requirement {
    const negated = this.peek().text === '!';
    if (negated) this.at++;
    const keyLexeme = this.take();
    if (keyLexeme.kind !== 'identifier') refuse(`found '${keyLexeme.text}', expected: identifier`);
    const key = keyLexeme.text;
    checkKey(key);
    if (negated) return { key, operator: '!', values: [] };
    const operator = this.peek();
    if (operator.kind === 'end' || operator.text === ',') return { key, operator: 'exists', values: [] };
    this.at++;
    return this.withOperator(key, operator.text);
  }

  private withOperator(key: string, operator: string): Requirement {
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: '=', values: [checkValue(key, this.exactValue())] };
      case '!=':
        return { key, operator, values: [checkValue(key, this.exactValue())] };
      case '>':
      case '<':
        return { key, operator, values: [checkInteger(this.exactValue())] };
      case 'in':
      case 'notin':
        return { key, operator, values: this.set().map((value) => checkValue(key, value)) };
      default:
        return refuse(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  private exactValue(): string {
    const next = this.peek();
    if (next.kind === 'end' || next.text === ',') return '';
    if (next.kind !== 'identifier') refuse(`found '${next.text}', expected: identifier`);
    this.at++;
    return next.text;
  }

  private set(): string[] {
    const open = this.take();
    if (open.text !== '(') refuse(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    let pending = '';
    for (;;) {
      const next = this.take();
      if (next.kind === 'identifier') pending = next.text;
      else if (next.text === ',' || next.text === ')') {
        values.push(pending);
        pending = '';
        if (next.text === ')') return values;
      } else refuse(`found '${next.text}', expected: ',' or ')'`);
    }
  }
}

function refuse(why: string): never {
  throw badRequest(`unable to parse requirement: ${why}`);
}

function checkKey(key: string): void {
  const name = key.slice(key.indexOf('/') + 1);
  if (!NAME.test(name)) refuse(`invalid label key ${JSON.stringify(key)}: ${NAME_MESSAGE}`);
}

function checkValue(key: string, value: string): string {
  if (value !== '' && !NAME.test(value)) {
    refuse(`invalid label value: ${JSON.stringify(value)}: at key: ${JSON.stringify(key)}: ${VALUE_MESSAGE}`);
  }
  return value;
}

function checkInteger(value: string): string {
  if (!/^-?\d+$/.test(value)) refuse("for 'Gt', 'Lt' operators, the value must be an integer");
  return value;
}

function matches({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'in':
    case '=':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case '>':
      return value !== undefined && Number(value) > Number(values[0]);
    case '<':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** undefined when the parameter is absent or empty: everything matches. Throws 400. */
export function parseLabelSelector(text: string | null): LabelMatcher | undefined {
  if (text === null || text.trim() === '') return undefined;
  const requirements = new SelectorParser(lex(text)).parse();
  if (requirements.length === 0) return undefined;
  return (labels) => requirements.every((requirement) => matches(requirement, labels));
}
