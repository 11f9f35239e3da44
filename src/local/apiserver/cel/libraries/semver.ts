/** Semantic versions. Source: k8s.io/apiserver/pkg/cel/library/semverlib.go. */
import type { Environment } from '@marcbachmann/cel-js';

const TYPE = 'kubernetes.Semver';
const SEMVER =
  /^(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

class Semver {
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];

  constructor(numbers: readonly bigint[], pre: readonly string[]) {
    this.numbers = numbers;
    this.pre = pre;
  }
}

function parse(text: string): Semver | undefined {
  const match = SEMVER.exec(text);
  if (match === null) return undefined;
  const pre = match[4]?.split('.') ?? [];
  if (pre.some((part) => /^0\d+$/.test(part))) return undefined;
  return new Semver(match.slice(1, 4).map(BigInt), pre);
}

function semver(text: string): Semver {
  const parsed = parse(text);
  if (parsed === undefined) throw new Error('No Major.Minor.Patch elements found');
  return parsed;
}

/** Order of semver.org, clause 11. */
function compare(a: Semver, b: Semver): bigint {
  for (const [i, left] of a.numbers.entries()) {
    const right = b.numbers[i] ?? 0n;
    if (left !== right) return left < right ? -1n : 1n;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return BigInt(Math.sign(b.pre.length - a.pre.length));
  for (const [i, left] of a.pre.entries()) {
    const right = b.pre[i];
    if (right === undefined) return 1n;
    const order = comparePart(left, right);
    if (order !== 0n) return order;
  }
  return a.pre.length < b.pre.length ? -1n : 0n;
}

function comparePart(left: string, right: string): bigint {
  const [leftNumber, rightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (leftNumber !== rightNumber) return leftNumber ? -1n : 1n;
  if (left === right) return 0n;
  if (leftNumber && left.length !== right.length) return left.length < right.length ? -1n : 1n;
  return left < right ? -1n : 1n;
}

export function registerSemver(environment: Environment): void {
  environment
    .registerType(TYPE, Semver)
    .registerOperator(`${TYPE} == ${TYPE}`, (a: Semver, b: Semver) => compare(a, b) === 0n)
    .registerFunction('isSemver(string): bool', (text: string) => parse(text) !== undefined)
    .registerFunction(`semver(string): ${TYPE}`, semver)
    .registerFunction(`${TYPE}.major(): int`, (v: Semver) => v.numbers[0] ?? 0n)
    .registerFunction(`${TYPE}.minor(): int`, (v: Semver) => v.numbers[1] ?? 0n)
    .registerFunction(`${TYPE}.patch(): int`, (v: Semver) => v.numbers[2] ?? 0n)
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, compare)
    .registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (a: Semver, b: Semver) => compare(a, b) > 0n)
    .registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (a: Semver, b: Semver) => compare(a, b) < 0n);
}
