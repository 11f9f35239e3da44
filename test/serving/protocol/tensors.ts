/** Random tensors of every datatype, for property tests. */
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { elementsOf, type FixedDatatype } from '../../../src/serving/protocol/datatype.js';
import {
  type Datatype,
  DATATYPES,
  type ModelSignature,
  type Tensor,
} from '../../../src/serving/protocol/tensor.js';
import { elementBytes } from '../../../src/serving/protocol/datatype.js';
import { character } from '../../support/characters.js';

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 });

const sizeOf = (dimensions: readonly number[]) => dimensions.reduce((product, size) => product * size, 1);

function data(datatype: Datatype, count: number): fc.Arbitrary<Tensor['data']> {
  if (datatype === 'BYTES') {
    return fc.array(
      fc.string({ unit: character, maxLength: 12 }).map((text) => new Uint8Array(Buffer.from(text))),
      { minLength: count, maxLength: count },
    );
  }
  if (datatype === 'BOOL') {
    return fc
      .array(fc.nat({ max: 1 }), { minLength: count, maxLength: count })
      .map((bits) => Uint8Array.from(bits));
  }
  const bytes = count * elementBytes(datatype);
  // Any pattern of bits: NaN with its payloads, infinities, subnormals, the ends of every integer range.
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((pattern) => elementsOf(datatype as FixedDatatype, Uint8Array.from(pattern)));
}

export function tensor(name: string, datatypes: readonly Datatype[] = DATATYPES): fc.Arbitrary<Tensor> {
  return fc.tuple(fc.constantFrom(...datatypes), shape).chain(([datatype, dimensions]) =>
    data(datatype, sizeOf(dimensions)).map((elements) => ({
      name,
      datatype,
      shape: dimensions,
      data: elements,
    })),
  );
}

export function tensors(datatypes?: readonly Datatype[]): fc.Arbitrary<readonly Tensor[]> {
  return fc
    .integer({ min: 1, max: 3 })
    .chain((count) =>
      fc.tuple(...Array.from({ length: count }, (_, index) => tensor(`t${index}`, datatypes))),
    );
}

/** A model that takes and gives exactly these. */
export function signatureOf(inputs: readonly Tensor[], outputs: readonly Tensor[] = []): ModelSignature {
  const declare = ({ name, datatype, shape: dimensions }: Tensor) => ({
    name,
    datatype,
    shape: dimensions.map(() => -1),
  });
  return { inputs: inputs.map(declare), outputs: outputs.map(declare) };
}

/** Plain values that compare as the protocol compares: bytes as arrays, NaN equal to NaN. */
export function plain(given: Tensor): unknown {
  const { name, datatype, shape: dimensions, data: elements } = given;
  const values = Array.from(elements as ArrayLike<number | bigint | Uint8Array>, (element) =>
    element instanceof Uint8Array ? Array.from(element) : element,
  );
  return { name, datatype, shape: dimensions, values };
}
