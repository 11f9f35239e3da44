/** URLs. Source: k8s.io/apiserver/pkg/cel/library/urls.go. */
import type { Environment } from '@marcbachmann/cel-js';

const TYPE = 'kubernetes.URL';

class ParsedUrl {
  readonly scheme: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;

  constructor(text: string, url: URL | undefined) {
    this.text = text;
    const [path = '', query = ''] = text.split('#')[0]?.split('?') ?? [];
    this.scheme = url?.protocol.slice(0, -1) ?? '';
    const authority = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(text)?.[1] ?? '';
    this.host = authority;
    this.port = /:(\d*)$/.exec(authority)?.[1] ?? '';
    this.hostname = authority.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
    this.path = url === undefined ? path : path.slice(path.indexOf(authority) + authority.length);
    this.query = new URLSearchParams(query);
  }
}

/** An absolute URI or an absolute path, as Go's url.ParseRequestURI takes it. */
function parseUrl(text: string): ParsedUrl | undefined {
  if (text.startsWith('/')) return new ParsedUrl(text, undefined);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) || !URL.canParse(text)) return undefined;
  return new ParsedUrl(text, new URL(text));
}

function url(text: string): ParsedUrl {
  const parsed = parseUrl(text);
  if (parsed === undefined)
    throw new Error(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  return parsed;
}

export function registerUrls(environment: Environment): void {
  environment
    .registerType(TYPE, ParsedUrl)
    .registerOperator(`${TYPE} == ${TYPE}`, (a: ParsedUrl, b: ParsedUrl) => a.text === b.text)
    .registerFunction('isURL(string): bool', (text: string) => parseUrl(text) !== undefined)
    .registerFunction(`url(string): ${TYPE}`, url)
    .registerFunction(`${TYPE}.getScheme(): string`, (u: ParsedUrl) => u.scheme)
    .registerFunction(`${TYPE}.getHost(): string`, (u: ParsedUrl) => u.host)
    .registerFunction(`${TYPE}.getHostname(): string`, (u: ParsedUrl) => u.hostname)
    .registerFunction(`${TYPE}.getPort(): string`, (u: ParsedUrl) => u.port)
    .registerFunction(`${TYPE}.getEscapedPath(): string`, (u: ParsedUrl) => u.path)
    .registerFunction(`${TYPE}.getQuery(): map<string, list<string>>`, (u: ParsedUrl) => {
      return new Map(Array.from(new Set(u.query.keys()), (key) => [key, u.query.getAll(key)]));
    });
}
