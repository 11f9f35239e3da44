/** JSON Patch (RFC 6902) as evanphx/json-patch v4 does it, which is what the API server calls. */
import { cloneJson, equalJson, getOwn, isObject, setOwn, type JsonObject } from '../json.js';
import { badRequest, failure, requestTooLarge } from '../status.js';
import { goJsonType } from './json-syntax.js';

const MAX_OPERATIONS = 10_000;
/** Bytes that `copy` operations may add up to: a short patch must not grow an object without bound. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/** An operation that does not apply. The server answers all of them with the same Status. */
class DoesNotApply extends Error {}

type Parent = JsonObject | unknown[];

/**
 * `doc` with the operations of `patch` applied in order; `doc` itself is not touched.
 * Throws 400 when the patch is no list of objects, 413 when it is too long, 422 when an operation does not apply.
 */
export function applyJsonPatch(doc: unknown, patch: unknown): unknown {
  const operations = decodeOperations(patch);
  const run = new PatchRun(cloneJson(doc));
  try {
    for (const operation of operations) run.apply(operation);
  } catch (error) {
    if (!(error instanceof DoesNotApply)) throw error;
    throw failure({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
    });
  }
  return run.doc;
}

/** What fieldValidation finds in the patch itself: members an operation does not have, such as `[0].extra`. */
export function unknownJsonPatchFields(patch: unknown): string[] {
  const known = new Set(['op', 'path', 'from', 'value']);
  return decodeOperations(patch).flatMap((operation, i) =>
    Object.keys(operation)
      .filter((key) => !known.has(key))
      .map((key) => `[${i}].${key}`),
  );
}

function decodeOperations(patch: unknown): JsonObject[] {
  if (patch === null) return [];
  const refuse = (found: unknown, type: string) =>
    badRequest(`json: cannot unmarshal ${goJsonType(found)} into Go value of type jsonpatch.${type}`);
  if (!Array.isArray(patch)) throw refuse(patch, 'Patch');
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw requestTooLarge(`Request entity too large: ${message}`);
  }
  return patch.map((operation: unknown) => {
    if (!isObject(operation)) throw refuse(operation, 'Operation');
    return operation;
  });
}

class PatchRun {
  private copiedBytes = 0;

  constructor(readonly doc: unknown) {}

  apply(operation: JsonObject): void {
    const path = pointer(operation, 'path');
    switch (getOwn(operation, 'op')) {
      case 'add':
        return this.add(path, cloneJson(operation['value'] ?? null));
      case 'remove':
        return this.remove(path);
      case 'replace':
        return this.replace(path, cloneJson(operation['value'] ?? null));
      case 'move': {
        const from = pointer(operation, 'from');
        const value = this.read(from);
        this.remove(from);
        return this.add(path, value);
      }
      case 'copy':
        return this.add(path, this.copyOf(pointer(operation, 'from')));
      case 'test':
        return this.test(path, getOwn(operation, 'value') ?? null);
      default:
        throw new DoesNotApply('unexpected kind');
    }
  }

  private copyOf(from: readonly string[]): unknown {
    const value = this.read(from);
    this.copiedBytes += JSON.stringify(value).length;
    if (this.copiedBytes > MAX_COPIED_BYTES) throw new DoesNotApply('copies are too large');
    return cloneJson(value);
  }

  /** The object or array that holds the last step of a path. */
  private parent(path: readonly string[]): { parent: Parent; key: string } {
    let at: unknown = this.doc;
    for (const step of path.slice(0, -1)) {
      at = Array.isArray(at) ? at[existingIndex(at, step)] : isObject(at) ? getOwn(at, step) : undefined;
    }
    const key = path.at(-1);
    if (key === undefined || !(Array.isArray(at) || isObject(at))) throw new DoesNotApply('missing path');
    return { parent: at, key };
  }

  private read(path: readonly string[]): unknown {
    const { parent, key } = this.parent(path);
    if (Array.isArray(parent)) return parent[existingIndex(parent, key)];
    if (!Object.hasOwn(parent, key)) throw new DoesNotApply('missing key');
    return parent[key];
  }

  private add(path: readonly string[], value: unknown): void {
    const { parent, key } = this.parent(path);
    if (!Array.isArray(parent)) setOwn(parent, key, value);
    else parent.splice(key === '-' ? parent.length : index(key, parent.length + 1), 0, value);
  }

  private remove(path: readonly string[]): void {
    const { parent, key } = this.parent(path);
    if (Array.isArray(parent)) parent.splice(existingIndex(parent, key), 1);
    else if (Object.hasOwn(parent, key)) delete parent[key];
    else throw new DoesNotApply('missing key');
  }

  /** Of a key that is not there it makes one: the server's library does not look, against RFC 6902. */
  private replace(path: readonly string[], value: unknown): void {
    const { parent, key } = this.parent(path);
    if (Array.isArray(parent)) parent[existingIndex(parent, key)] = value;
    else setOwn(parent, key, value);
  }

  /** A missing key equals null, as in the server's library. */
  private test(path: readonly string[], wanted: unknown): void {
    const { parent, key } = this.parent(path);
    const found = Array.isArray(parent) ? parent[existingIndex(parent, key)] : (getOwn(parent, key) ?? null);
    if (!equalJson(found, wanted)) throw new DoesNotApply('test failed');
  }
}

/**
 * The steps of a JSON pointer. What stands before the first slash is dropped unseen, as the server's library does:
 * `data/k` means `/k`.
 */
function pointer(operation: JsonObject, member: 'path' | 'from'): string[] {
  const text = getOwn(operation, member);
  if (typeof text !== 'string') throw new DoesNotApply(`no ${member}`);
  return text
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** An array index below `length`; a negative one counts from the end. */
function index(step: string, length: number): number {
  if (!/^[+-]?\d+$/.test(step)) throw new DoesNotApply('not an index');
  const number = Number(step);
  const at = number < 0 ? number + length : number;
  if (at < 0 || at >= length) throw new DoesNotApply('index out of range');
  return at;
}

function existingIndex(array: readonly unknown[], step: string): number {
  return index(step, array.length);
}
