/** Models whose versions can be told apart by their answers. */
import { onnxModel } from './onnxModel.js';

/** `y = x · factor`, one number a row. */
export function scaleModel(factor: number): Buffer {
  return onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    nodes: [{ op: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] }],
    constants: [{ name: 'factor', shape: [1], data: Float32Array.of(factor) }],
  });
}

/** A table of `mebibytes` from which a row is looked up: quick to run and slow to load. */
export function tableModel(mebibytes: number): Buffer {
  const columns = 1024;
  const rows = mebibytes * 256;
  return onnxModel({
    inputs: [{ name: 'index', type: 'INT64', shape: ['N'] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', columns] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'index'], outputs: ['y'] }],
    constants: [{ name: 'table', shape: [rows, columns], data: new Float32Array(rows * columns).fill(0.5) }],
  });
}
