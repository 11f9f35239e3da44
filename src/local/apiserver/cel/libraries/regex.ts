/** find and findAll. Source: k8s.io/apiserver/pkg/cel/library/regex.go. */
import type { Environment } from '@marcbachmann/cel-js';
import { matcherOf } from '../../schema/regular-expression.js';

const MAX_MATCHES = 100_000;

function findAll(text: string, pattern: string, limit: number): string[] {
  const matcher = matcherOf(pattern, text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

export function registerRegex(environment: Environment): void {
  environment
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern, MAX_MATCHES),
    )
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (text: string, pattern: string, limit: bigint) =>
        findAll(text, pattern, limit < 0n ? MAX_MATCHES : Math.min(Number(limit), MAX_MATCHES)),
    );
}
