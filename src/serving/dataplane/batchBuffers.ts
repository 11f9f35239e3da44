/** Several requests' rows in one set of tensors, and back. The first dimension of every tensor is the row. */
import { allocate, type FixedDatatype, type TypedArray } from '../protocol/datatype.js';
import type { ModelSignature, Tensor, TensorData } from '../protocol/tensor.js';

/** The rows of a request: the first dimension its inputs share; undefined when they do not, or when there are none. */
export function rowsOf(inputs: readonly Tensor[]): number | undefined {
  const rows = inputs[0]?.shape[0];
  if (rows === undefined || rows === 0) return undefined;
  for (let i = 1; i < inputs.length; i++) if (inputs[i]?.shape[0] !== rows) return undefined;
  return rows;
}

/** Requests with the same key have rows of the same form, and may share a batch. */
export function rowForm(inputs: readonly Tensor[]): string {
  let form = '';
  for (const input of inputs) form += `${input.name}:${input.shape.slice(1).join(',')};`;
  return form;
}

/** Whether rows of this model have one form only, so that `rowForm` need not be asked. */
export function hasOneRowForm(signature: ModelSignature): boolean {
  return signature.inputs.every((input) => input.shape.slice(1).every((dimension) => dimension >= 0));
}

/**
 * Puts requests together into arrays that are kept from batch to batch. A batch is valid until the next `join`.
 */
export class BatchBuffers {
  readonly #kept = new Map<string, TypedArray>();

  /** All requests have the same inputs and row form; `rows` is the sum of theirs. */
  join(requests: readonly (readonly Tensor[])[], rows: number): Tensor[] {
    const [first] = requests;
    if (first === undefined) return [];
    if (requests.length === 1) return [...first];
    return first.map((input) => {
      const parts = requests.map((inputs) => named(inputs, input.name));
      return {
        name: input.name,
        datatype: input.datatype,
        shape: [rows, ...input.shape.slice(1)],
        data: this.#join(parts),
      };
    });
  }

  #join(parts: readonly Tensor[]): TensorData {
    const [first] = parts;
    if (first === undefined || first.datatype === 'BYTES') {
      return parts.flatMap((part) => part.data as readonly Uint8Array[]);
    }
    let length = 0;
    for (const part of parts) length += part.data.length;
    const all = this.#elements(first.name, first.datatype, length);
    let offset = 0;
    for (const part of parts) {
      setTypedArray(all, part.data as TypedArray, offset);
      offset += part.data.length;
    }
    return all.subarray(0, length);
  }

  #elements(name: string, datatype: FixedDatatype, length: number): TypedArray {
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.length >= length) return kept;
    const grown = allocate(datatype, 2 ** Math.ceil(Math.log2(length)));
    this.#kept.set(name, grown);
    return grown;
  }
}

/** `TypedArray.set` once for both families: an array of bigints takes no numbers, and the types know it. */
function setTypedArray(target: TypedArray, source: TypedArray, offset: number): void {
  (target as { set(from: TypedArray, offset: number): void }).set(source, offset);
}

function named(tensors: readonly Tensor[], name: string): Tensor {
  const found = tensors.find((tensor) => tensor.name === name);
  if (found === undefined) throw new Error(`a request of the batch has no input ${name}`);
  return found;
}

/**
 * Rows [start, start + rows) of a batch's outputs: views, no copies. `batchRows` is the whole batch's. Throws when an
 * output has another number of rows: such a model must not be batched.
 */
export function splitRows(
  outputs: readonly Tensor[],
  batchRows: number,
  start: number,
  rows: number,
): Tensor[] {
  return outputs.map((output) => {
    if (output.shape[0] !== batchRows) {
      throw new Error(`output ${output.name} has ${output.shape[0]} rows for a batch of ${batchRows}`);
    }
    const perRow = output.data.length / batchRows;
    const [from, to] = [start * perRow, (start + rows) * perRow];
    const data =
      output.datatype === 'BYTES'
        ? output.data.slice(from, to)
        : (output.data as TypedArray).subarray(from, to);
    return { name: output.name, datatype: output.datatype, shape: [rows, ...output.shape.slice(1)], data };
  });
}
