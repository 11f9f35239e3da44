/** One element of a request's `inputs`. */
import { isDatatype } from '../datatype.js';
import type { JsonCursor } from '../json/cursor.js';
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, QUOTE, ZERO } from '../json/cursor.js';
import { readTensorData } from '../json/tensorData.js';
import { refuse } from '../refusal.js';
import { MAX_RANK } from '../shape.js';
import { checkInput, declaredInput } from '../signature.js';
import type { Datatype, ModelSignature, TensorData } from '../tensor.js';
import { countParameter, NO_PARAMETERS, type Parameters, readParameters } from './parameters.js';

/** An input as the JSON has it: its elements, or how many bytes they take after the JSON. */
export interface DecodedInput {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly content: { readonly data: TensorData } | { readonly binaryBytes: number };
}

interface Draft {
  name?: string;
  datatype?: Datatype;
  shape?: readonly number[];
  parameters?: Parameters;
  data?: TensorData;
  /** Where the data is, when it came before what is needed to read it. */
  dataPosition?: number;
}

/** Reads an input, checked against what the model declares before its elements are read. */
export function decodeInput(cursor: JsonCursor, place: string, signature: ModelSignature): DecodedInput {
  const draft: Draft = {};
  cursor.place = place;
  cursor.readObject((key) => readMember(cursor, key, draft, { place, signature }));
  const end = cursor.position;
  const { name, datatype, shape } = checkedHead(draft, { place, signature });
  const parameters = draft.parameters ?? NO_PARAMETERS;
  if (parameters.shared_memory_region !== undefined) {
    refuse('shared memory is not supported: send the data', `${place}.parameters.shared_memory_region`);
  }
  const binaryBytes = countParameter(parameters, 'binary_data_size', `${place}.parameters`);
  const hasData = draft.data !== undefined || draft.dataPosition !== undefined;
  if (hasData && binaryBytes !== undefined) {
    refuse('it has both data and binary_data_size: exactly one must be given', place);
  }
  if (binaryBytes !== undefined) return { name, datatype, shape, content: { binaryBytes } };
  if (!hasData) refuse('it has no data', place);
  if (draft.data !== undefined) return { name, datatype, shape, content: { data: draft.data } };
  cursor.position = draft.dataPosition as number;
  cursor.place = `${place}.data`;
  const data = readTensorData(cursor, datatype, shape);
  cursor.position = end;
  return { name, datatype, shape, content: { data } };
}

interface Context {
  readonly place: string;
  readonly signature: ModelSignature;
}

function readMember(cursor: JsonCursor, key: string, draft: Draft, context: Context): void {
  const { place } = context;
  cursor.place = `${place}.${key}`;
  switch (key) {
    case 'name':
      if (draft.name !== undefined) refuseTwice(cursor);
      draft.name = readText(cursor);
      break;
    case 'datatype':
      if (draft.datatype !== undefined) refuseTwice(cursor);
      draft.datatype = readDatatype(cursor);
      break;
    case 'shape':
      if (draft.shape !== undefined) refuseTwice(cursor);
      draft.shape = readShape(cursor);
      break;
    case 'parameters':
      if (draft.parameters !== undefined) refuseTwice(cursor);
      if (!takeNull(cursor)) draft.parameters = readParameters(cursor, `${place}.parameters`);
      break;
    case 'data':
      if (draft.data !== undefined || draft.dataPosition !== undefined) refuseTwice(cursor);
      readData(cursor, draft, context);
      break;
    default:
      cursor.skipValue();
  }
  cursor.place = place;
}

function readData(cursor: JsonCursor, draft: Draft, context: Context): void {
  if (cursor.peek() !== OPEN_BRACKET) refuse('it must be an array', cursor.place);
  if (draft.name === undefined || draft.datatype === undefined || draft.shape === undefined) {
    draft.dataPosition = cursor.position;
    cursor.passValue();
    return;
  }
  const { datatype, shape } = checkedHead(draft, context);
  draft.data = readTensorData(cursor, datatype, shape);
}

function checkedHead(
  draft: Draft,
  { place, signature }: Context,
): { name: string; datatype: Datatype; shape: readonly number[] } {
  const { name, datatype, shape } = draft;
  if (name === undefined) refuse('it has no name', place);
  if (datatype === undefined) refuse('it has no datatype', place);
  if (shape === undefined) refuse('it has no shape', place);
  checkInput(declaredInput(signature, name, place), datatype, shape, place);
  return { name, datatype, shape };
}

function readDatatype(cursor: JsonCursor): Datatype {
  const name = readText(cursor);
  if (!isDatatype(name))
    refuse(`"${name.slice(0, 40)}" is no datatype (they are written in capitals)`, cursor.place);
  return name;
}

function readShape(cursor: JsonCursor): readonly number[] {
  const shape: number[] = [];
  if (cursor.peek() !== OPEN_BRACKET) refuse('it must be an array', cursor.place);
  cursor.readArray((axis) => {
    if (axis === MAX_RANK) refuse(`it has more than ${MAX_RANK} dimensions`, cursor.place);
    shape.push(readDimension(cursor));
  });
  return shape;
}

function readDimension(cursor: JsonCursor): number {
  const { bytes } = cursor;
  cursor.peek();
  const start = cursor.position;
  let position = start;
  let size = 0;
  // As every client writes it; whatever looks otherwise is left to the reader of all scalars.
  for (
    let digit = (bytes[position] as number) ^ ZERO;
    digit <= 9;
    digit = (bytes[++position] as number) ^ ZERO
  ) {
    size = size * 10 + digit;
  }
  const next = bytes[position];
  const plain = position - start <= 9 && (bytes[start] !== ZERO || position === start + 1);
  if (position > start && plain && (next === COMMA || next === CLOSE_BRACKET)) {
    cursor.position = position;
    return size;
  }
  const value = cursor.readScalar();
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    return cursor.reject('a dimension is a whole number', start);
  }
  if (value < 0) refuse(`a dimension is 0 or more, not ${value}`, cursor.place);
  return value;
}

export function readText(cursor: JsonCursor): string {
  if (cursor.peek() !== QUOTE) refuse('it must be a string', cursor.place);
  return cursor.readString();
}

export function takeNull(cursor: JsonCursor): boolean {
  cursor.peek();
  return cursor.take('null');
}

function refuseTwice(cursor: JsonCursor): never {
  refuse('the member is given twice', cursor.place);
}
