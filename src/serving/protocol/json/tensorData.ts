/** The `data` member of a tensor: nested as its shape says, or flat. */
import { allocate, type FixedDatatype, type TypedArray } from '../datatype.js';
import { refuse } from '../refusal.js';
import { elementCount, formatShape } from '../shape.js';
import type { Datatype, TensorData } from '../tensor.js';
import { CLOSE_BRACKET, type JsonCursor, OPEN_BRACKET, QUOTE } from './cursor.js';
import { readLongs } from './integers.js';
import { type NumberKind, readNumbers } from './numbers.js';

/** Reads the elements up to a closing bracket; answers how many, or one more than there is room for. */
type ReadRun = (offset: number) => number;

interface Sink {
  readonly readRun: ReadRun;
  /** The elements read, once all are. */
  finish(): TensorData;
}

type SmallInteger = 'UINT8' | 'UINT16' | 'UINT32' | 'INT8' | 'INT16' | 'INT32';

const SMALL_INTEGERS: Readonly<Record<SmallInteger, readonly [least: number, greatest: number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65535],
  UINT32: [0, 4294967295],
  INT8: [-128, 127],
  INT16: [-32768, 32767],
  INT32: [-2147483648, 2147483647],
};

const SINGLE: NumberKind = { single: true, nonFinite: true };
const DOUBLE: NumberKind = { single: false, nonFinite: true };
const FINITE: NumberKind = { single: false, nonFinite: false };

/**
 * Reads an array of elements of `datatype`, which must be as many as `shape` says. Nothing is allocated for elements
 * that the rest of the document is too short to hold.
 */
export function readTensorData(cursor: JsonCursor, datatype: Datatype, shape: readonly number[]): TensorData {
  const count = elementCount(shape);
  const left = cursor.bytes.length - cursor.position;
  if (count === undefined || count > left / 2 + 1) {
    refuse(`the data has fewer elements than the shape ${formatShape(shape)} needs`, cursor.place);
  }
  const sink = openSink(cursor, datatype, count);
  cursor.expect(OPEN_BRACKET, 'an array');
  const nested = cursor.peek() === OPEN_BRACKET && shape.length > 1;
  const read = nested ? readNested(cursor, shape, 0, { sink, offset: 0 }) : sink.readRun(0);
  if (read !== count) {
    const found = read > count ? `more than ${count}` : `${read}`;
    refuse(`the data has ${found} elements, and the shape ${formatShape(shape)} has ${count}`, cursor.place);
  }
  return sink.finish();
}

interface Progress {
  readonly sink: Sink;
  offset: number;
}

/** Reads what is behind the opening bracket of `axis`; answers how many elements have been read so far. */
function readNested(cursor: JsonCursor, shape: readonly number[], axis: number, progress: Progress): number {
  const size = shape[axis] as number;
  if (axis === shape.length - 1) {
    const read = progress.sink.readRun(progress.offset);
    if (read !== size) refuseLength(cursor, shape, axis);
    progress.offset += read;
    return progress.offset;
  }
  let index = 0;
  if (cursor.peek() === CLOSE_BRACKET) cursor.position++;
  else {
    do {
      if (index++ === size) refuseLength(cursor, shape, axis);
      cursor.expect(OPEN_BRACKET, 'a nested array, as the shape says');
      readNested(cursor, shape, axis + 1, progress);
    } while (!cursor.closesArray());
  }
  if (index !== size) refuseLength(cursor, shape, axis);
  return progress.offset;
}

function refuseLength(cursor: JsonCursor, shape: readonly number[], axis: number): never {
  refuse(
    `a nested array on axis ${axis} does not have the ${shape[axis]} elements of the shape ${formatShape(shape)}` +
      ` (near byte ${cursor.position})`,
    cursor.place,
  );
}

function openSink(cursor: JsonCursor, datatype: Datatype, count: number): Sink {
  switch (datatype) {
    case 'FP32':
      return floatSink(cursor, new Float32Array(count), SINGLE);
    case 'FP64':
      return floatSink(cursor, new Float64Array(count), DOUBLE);
    case 'INT64':
      return longSink(cursor, new BigInt64Array(count), datatype);
    case 'UINT64':
      return longSink(cursor, new BigUint64Array(count), datatype);
    case 'BOOL':
      return booleanSink(cursor, new Uint8Array(count));
    case 'BYTES':
      return stringSink(cursor, count);
    case 'FP16':
    case 'BF16':
      return refuse(`${datatype} does not travel in JSON: send it as binary data`, cursor.place);
    default:
      return integerSink(cursor, datatype, count);
  }
}

function floatSink(cursor: JsonCursor, data: Float32Array | Float64Array, kind: NumberKind): Sink {
  return { readRun: (offset) => readNumbers(cursor, data, offset, kind), finish: () => data };
}

function longSink(
  cursor: JsonCursor,
  data: BigInt64Array | BigUint64Array,
  datatype: 'INT64' | 'UINT64',
): Sink {
  return { readRun: (offset) => readLongs(cursor, data, offset, datatype), finish: () => data };
}

/** Doubles hold every integer of 32 bits: they are read as numbers, and then checked. */
function integerSink(cursor: JsonCursor, datatype: SmallInteger, count: number): Sink {
  const values = new Float64Array(count);
  const [least, greatest] = SMALL_INTEGERS[datatype];
  return {
    readRun: (offset) => readNumbers(cursor, values, offset, FINITE),
    finish() {
      for (let i = 0; i < count; i++) {
        const value = values[i] as number;
        if (value >= least && value <= greatest && Number.isInteger(value)) continue;
        refuse(
          `${value} at index ${i} is no integer within the range of ${datatype}, ${least} to ${greatest}`,
          cursor.place,
        );
      }
      const data: TypedArray = allocate(datatype satisfies FixedDatatype, count);
      (data as Int32Array).set(values);
      return data;
    },
  };
}

function booleanSink(cursor: JsonCursor, data: Uint8Array): Sink {
  const readRun = runOf(cursor, data.length, (index) => {
    if (cursor.take('true') || cursor.take('1')) data[index] = 1;
    else if (!cursor.take('false') && !cursor.take('0')) cursor.fail('true or false');
  });
  return { readRun, finish: () => data };
}

function stringSink(cursor: JsonCursor, count: number): Sink {
  const data: Uint8Array[] = [];
  const readRun = runOf(cursor, count, () => {
    if (cursor.peek() !== QUOTE) cursor.fail('a string');
    data.push(cursor.readStringBytes());
  });
  return { readRun, finish: () => data };
}

function runOf(cursor: JsonCursor, count: number, readElement: (index: number) => void): ReadRun {
  return (offset) => {
    if (cursor.peek() === CLOSE_BRACKET) {
      cursor.position++;
      return 0;
    }
    for (let index = offset; index < count; index++) {
      cursor.peek();
      readElement(index);
      if (cursor.closesArray()) return index - offset + 1;
    }
    return count - offset + 1;
  };
}
