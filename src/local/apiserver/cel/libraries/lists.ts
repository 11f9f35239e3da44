/** Functions of lists and sets. Source: k8s.io/apiserver/pkg/cel/library/lists.go and cel-go/ext/sets.go. */
import type { Environment } from '@marcbachmann/cel-js';
import { sameValue } from '../equality.js';

type Comparable = bigint | number | string | boolean | Date;

const ORDERED = ['int', 'double', 'string', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration'];
const ADDED = ['int', 'double'];

export function registerLists(environment: Environment): void {
  for (const type of ORDERED) {
    environment
      .registerFunction(`list<${type}>.isSorted(): bool`, isSorted)
      .registerFunction(`list<${type}>.min(): ${type}`, (list: Comparable[]) =>
        extreme(list, 'min', (a, b) => a < b),
      )
      .registerFunction(`list<${type}>.max(): ${type}`, (list: Comparable[]) =>
        extreme(list, 'max', (a, b) => a > b),
      );
  }
  for (const type of ADDED) {
    environment.registerFunction(`list<${type}>.sum(): ${type}`, (list: (bigint | number)[]) =>
      sum(list, type),
    );
  }
  environment
    .registerFunction('list<A>.indexOf(A): int', (list: unknown[], item: unknown) =>
      BigInt(list.findIndex((one) => sameValue(one, item))),
    )
    .registerFunction('list<A>.lastIndexOf(A): int', (list: unknown[], item: unknown) =>
      BigInt(list.findLastIndex((one) => sameValue(one, item))),
    );
  registerSets(environment);
}

function isSorted(list: Comparable[]): boolean {
  return list.every((item, i) => i === 0 || (list[i - 1] as Comparable) <= item);
}

function extreme(
  list: Comparable[],
  name: string,
  better: (a: Comparable, b: Comparable) => boolean,
): Comparable {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, item) => (better(item, best) ? item : best), first);
}

function sum(list: (bigint | number)[], type: string): bigint | number {
  if (type === 'double') return list.reduce((total: number, item) => total + Number(item), 0);
  return list.reduce((total: bigint, item) => total + BigInt(item), 0n);
}

class SetsNamespace {}

function registerSets(environment: Environment): void {
  const contains = (list: unknown[], sublist: unknown[]) =>
    sublist.every((item) => list.some((one) => sameValue(one, item)));
  environment
    .registerType('SetsNamespace', SetsNamespace)
    .registerConstant('sets', 'SetsNamespace', new SetsNamespace())
    .registerFunction(
      'SetsNamespace.contains(list<A>, list<A>): bool',
      (_: unknown, list: unknown[], sub: unknown[]) => contains(list, sub),
    )
    .registerFunction(
      'SetsNamespace.equivalent(list<A>, list<A>): bool',
      (_: unknown, a: unknown[], b: unknown[]) => contains(a, b) && contains(b, a),
    )
    .registerFunction(
      'SetsNamespace.intersects(list<A>, list<A>): bool',
      (_: unknown, a: unknown[], b: unknown[]) => a.some((item) => b.some((one) => sameValue(one, item))),
    );
}
