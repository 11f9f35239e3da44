/**
 * A V1 prediction request: rows (`instances`) or columns (`inputs`). Sources: KServe's V1 protocol and TensorFlow
 * Serving's RESTful API, which it comes from. Datatypes are the model's; shapes are those of the nested arrays.
 */
import { Buffer } from 'node:buffer';
import type { Result } from '../../../base/index.js';
import type { InferenceError, InferenceRequest } from '../inference.js';
import { CLOSE_BRACKET, JsonCursor, OPEN_BRACE, OPEN_BRACKET } from '../json/cursor.js';
import { readTensorData } from '../json/tensorData.js';
import { refusalsAsErrors, refuse } from '../refusal.js';
import { MAX_RANK } from '../shape.js';
import { checkInputNames, checkJsonOutputs, checkShape, declaredInput } from '../signature.js';
import type { ModelSignature, Tensor, TensorSignature } from '../tensor.js';

/** Which form the request had, and its answer must have. */
export type V1Form = 'rows' | 'columns';

export interface V1Request {
  readonly request: InferenceRequest;
  readonly form: V1Form;
}

/** Decodes a `:predict` body for the model with `signature`. Errors are InvalidArgument and name the place. */
export function decodeV1Request(
  body: Uint8Array,
  signature: ModelSignature,
): Result<V1Request, InferenceError> {
  return refusalsAsErrors(() => {
    const cursor = new JsonCursor(body);
    const { form, position, end } = findValues(cursor);
    cursor.position = position;
    const inputs = form === 'rows' ? readRows(cursor, signature) : readColumns(cursor, 'inputs', signature);
    // What was passed over by its brackets must be what was read: `[}` has as many as `[]`.
    if (cursor.position !== end) cursor.fail('the end of the values');
    checkInputNames(signature, inputs);
    checkJsonOutputs(signature, signature.outputs);
    return { form, request: { inputs, outputs: [], binaryOutputs: false, parameters: {} } };
  });
}

interface Values {
  readonly form: V1Form;
  /** Where the values begin and end. */
  readonly position: number;
  readonly end: number;
}

function findValues(cursor: JsonCursor): Values {
  let found: Values | undefined;
  if (cursor.peek() !== OPEN_BRACE) cursor.fail('an object');
  cursor.readObject((key) => {
    if (key !== 'instances' && key !== 'inputs') return cursor.skipValue();
    if (found !== undefined) refuse('exactly one of instances and inputs must be given, once', key);
    cursor.place = key;
    cursor.peek();
    const position = cursor.position;
    cursor.passValue();
    found = { form: key === 'instances' ? 'rows' : 'columns', position, end: cursor.position };
    cursor.place = '';
  });
  cursor.expectEnd();
  return found ?? refuse('the body needs "instances" (rows) or "inputs" (columns)');
}

function readRows(cursor: JsonCursor, signature: ModelSignature): readonly Tensor[] {
  if (cursor.peek() !== OPEN_BRACKET) refuse('it must be an array of rows', 'instances');
  const start = cursor.position++;
  const first = cursor.peek();
  if (first === CLOSE_BRACKET) refuse('it has no rows', 'instances');
  cursor.position = start;
  // Rows of bare values are the rows of the only input.
  return first === OPEN_BRACE
    ? readNamedRows(cursor, signature)
    : [readOnlyInput(cursor, 'instances', signature)];
}

function readColumns(cursor: JsonCursor, place: string, signature: ModelSignature): readonly Tensor[] {
  if (cursor.peek() !== OPEN_BRACE) return [readOnlyInput(cursor, place, signature)];
  const inputs: Tensor[] = [];
  cursor.readObject((name) => {
    inputs.push(readTensor(cursor, declaredInput(signature, name, place), `${place}.${name}`));
  });
  return inputs;
}

function readOnlyInput(cursor: JsonCursor, place: string, signature: ModelSignature): Tensor {
  const [input, ...others] = signature.inputs;
  if (input === undefined || others.length > 0) {
    const names = signature.inputs.map(({ name }) => `"${name}"`).join(', ');
    refuse(`the model has several inputs: give objects with the members ${names}`, place);
  }
  return readTensor(cursor, input, place);
}

function readTensor(cursor: JsonCursor, declared: TensorSignature, place: string): Tensor {
  cursor.place = place;
  const { name, datatype } = declared;
  cursor.peek();
  const shape = findShape(cursor, declared.shape.length);
  checkShape(declared, shape, place);
  return { name, datatype, shape, data: readTensorData(cursor, datatype, shape) };
}

/** The dimensions of the nested arrays at the cursor, down to `rank`, taken from the first elements; the cursor stays. */
function findShape(cursor: JsonCursor, rank: number): readonly number[] {
  const start = cursor.position;
  const shape: number[] = [];
  while (shape.length < Math.min(rank + 1, MAX_RANK) && cursor.peek() === OPEN_BRACKET) {
    const here = cursor.position;
    let size = 0;
    cursor.readArray(() => {
      cursor.passValue();
      size++;
    });
    shape.push(size);
    cursor.position = here + 1;
  }
  cursor.position = start;
  return shape;
}

/**
 * Rows given as objects: the text of each input's values is put together to one array, `[v, v, …]`, which is then read
 * as any other.
 */
function readNamedRows(cursor: JsonCursor, signature: ModelSignature): readonly Tensor[] {
  const columns = new Map<string, Uint8Array[]>(signature.inputs.map(({ name }) => [name, []]));
  cursor.readArray((row) => {
    const place = `instances[${row}]`;
    cursor.place = place;
    if (cursor.peek() !== OPEN_BRACE) refuse('it must be an object, as the first row is', place);
    cursor.readObject((name) => {
      const column = columns.get(declaredInput(signature, name, place).name) as Uint8Array[];
      if (column.length !== row) refuse(`the input "${name}" is given twice`, place);
      cursor.peek();
      const start = cursor.position;
      cursor.passValue();
      column.push(cursor.bytes.subarray(start, cursor.position));
    });
    for (const [name, column] of columns) {
      if (column.length !== row + 1) refuse(`the input "${name}" is missing`, place);
    }
  });
  return signature.inputs.map((input) => {
    const column = new JsonCursor(joinColumn(columns.get(input.name) ?? []));
    const tensor = readTensor(column, input, `instances[*].${input.name}`);
    column.expectEnd();
    return tensor;
  });
}

const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');
const SEPARATOR = Buffer.from(',');

function joinColumn(values: readonly Uint8Array[]): Uint8Array {
  const parts = values.flatMap((value, index) => [index === 0 ? OPEN : SEPARATOR, value]);
  return Buffer.concat([...parts, CLOSE]);
}
