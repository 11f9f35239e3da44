/** Resource quantities. Source: k8s.io/apiserver/pkg/cel/library/quantity.go. */
import type { Environment } from '@marcbachmann/cel-js';
import { parseNanos } from '../../validation/quantities.js';

const TYPE = 'kubernetes.Quantity';
const NANO = 1_000_000_000n;

class Quantity {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

function quantity(text: string): Quantity {
  const parsed = parseNanos(text);
  if (parsed === undefined) {
    throw new Error(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return new Quantity(parsed.nanos);
}

function sign(value: bigint): bigint {
  return value < 0n ? -1n : value > 0n ? 1n : 0n;
}

function asInteger({ nanos }: Quantity): bigint {
  if (nanos % NANO !== 0n) throw new Error('cannot convert value to integer');
  return nanos / NANO;
}

export function registerQuantities(environment: Environment): void {
  environment
    .registerType(TYPE, Quantity)
    .registerOperator(`${TYPE} == ${TYPE}`, (a: Quantity, b: Quantity) => a.nanos === b.nanos)
    .registerFunction('isQuantity(string): bool', (text: string) => parseNanos(text) !== undefined)
    .registerFunction(`quantity(string): ${TYPE}`, quantity)
    .registerFunction(`${TYPE}.sign(): int`, (q: Quantity) => sign(q.nanos))
    .registerFunction(`${TYPE}.isInteger(): bool`, (q: Quantity) => q.nanos % NANO === 0n)
    .registerFunction(`${TYPE}.asInteger(): int`, asInteger)
    .registerFunction(`${TYPE}.asApproximateFloat(): double`, (q: Quantity) => Number(q.nanos) / 1e9)
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (a: Quantity, b: Quantity) =>
      sign(a.nanos - b.nanos),
    )
    .registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (a: Quantity, b: Quantity) => a.nanos > b.nanos)
    .registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (a: Quantity, b: Quantity) => a.nanos < b.nanos)
    .registerFunction(
      `${TYPE}.add(${TYPE}): ${TYPE}`,
      (a: Quantity, b: Quantity) => new Quantity(a.nanos + b.nanos),
    )
    .registerFunction(
      `${TYPE}.add(int): ${TYPE}`,
      (a: Quantity, b: bigint) => new Quantity(a.nanos + b * NANO),
    )
    .registerFunction(
      `${TYPE}.sub(${TYPE}): ${TYPE}`,
      (a: Quantity, b: Quantity) => new Quantity(a.nanos - b.nanos),
    )
    .registerFunction(
      `${TYPE}.sub(int): ${TYPE}`,
      (a: Quantity, b: bigint) => new Quantity(a.nanos - b * NANO),
    );
}
