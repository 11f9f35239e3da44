/** The golden examples of a version as rows to warm it up with: invented inputs may all fall into one corner of a model. */
import type { GoldenExample } from '../../registry/index.js';
import type { ModelSignature, Tensor } from '../protocol/tensor.js';
import { decodeInferRequest } from '../protocol/v2/decodeRequest.js';
import { rowForm, rowsOf, splitRows } from './batchBuffers.js';

/** Rows that are compared with their batch: more would prove little more. */
const MOST_ROWS = 8;

/** At most eight rows, all of the form of the first. Examples that the signature refuses are left out: replaying them is where that is told. */
export function exampleRows(examples: readonly GoldenExample[], signature: ModelSignature): Tensor[][] {
  const found: Tensor[][] = [];
  for (const { inputs } of examples.slice(0, MOST_ROWS)) {
    const decoded = decodeInferRequest(Buffer.from(JSON.stringify({ inputs })), signature);
    const tensors = decoded.ok ? decoded.value.inputs : [];
    const rows = rowsOf(tensors) ?? 0;
    for (let row = 0; row < rows && found.length < MOST_ROWS; row++)
      found.push(splitRows(tensors, rows, row, 1));
  }
  const form = rowForm(found[0] ?? []);
  return found.filter((row) => rowForm(row) === form);
}
