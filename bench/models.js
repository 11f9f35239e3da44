// The models of the bench, written here: no download, no Python.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { measure, root, SERVER_CORE } from './processes.js';

export const IMAGE_SHAPE = [1, 3, 224, 224];

/** The tests' writer of ONNX files. */
async function onnxWriter() {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'test/support/onnxModel.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** A model repository for each model (NAME/1/model.onnx in a folder of its own), made when asked for. */
export class Models {
  #folder = mkdtempSync(path.join(tmpdir(), 'gantry-bench-'));
  #made = new Map();

  /** `{ repository, file }`; `name` is tabular, image, or a time such as `36ms`. */
  get(name) {
    if (!this.#made.has(name)) this.#made.set(name, this.#make(name));
    return this.#made.get(name);
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(name) {
    if (name === 'tabular') {
      return this.#place(name, (file) =>
        copyFileSync(path.join(root, 'models/production/volatility/1/model.onnx'), file),
      );
    }
    const { onnxModel } = await onnxWriter();
    if (name === 'image') return this.#place(name, (file) => writeFileSync(file, onnxModel(imageGraph())));
    return this.#calibrated(name, Number.parseFloat(name), onnxModel);
  }

  #place(name, write) {
    const repository = path.join(this.#folder, name);
    const file = path.join(repository, name, '1', 'model.onnx');
    mkdirSync(path.dirname(file), { recursive: true });
    write(file);
    return { name, repository, file };
  }

  /** A model whose single row takes about `ms` on the server's core of this machine. */
  async #calibrated(name, ms, onnxModel) {
    const place = (layers) =>
      this.#place(name, (file) => writeFileSync(file, onnxModel(multiplyingGraph(layers))));
    let layers = Math.max(1, Math.round(ms * 10));
    for (let attempt = 0; attempt < 2; attempt++) {
      const { file } = place(layers);
      const { quickestMs } = await measure('peers/modelAlone.js', [file, 0.6], SERVER_CORE);
      layers = Math.max(1, Math.round((layers * ms) / quickestMs));
    }
    return place(layers);
  }
}

/** An image's mean: the tensor is all there is to it. */
function imageGraph() {
  return {
    inputs: [{ name: 'features', type: 'FP32', shape: ['N', ...IMAGE_SHAPE.slice(1)] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1, 1, 1] }],
    nodes: [
      {
        op: 'ReduceMean',
        inputs: ['features'],
        outputs: ['y'],
        ints: { axes: [1, 2, 3], keepdims: 1 },
      },
    ],
  };
}

const SIDE = 128;

/**
 * 16 features widened to a matrix that is multiplied by a reflection `layers` times: work that grows with the rows, so
 * that a batch gains nothing but the calls it saves, and values that stay bounded, since a reflection keeps lengths.
 */
function multiplyingGraph(layers) {
  const cells = SIDE * SIDE;
  const multiply = Array.from({ length: layers }, (_, i) => ({
    op: 'MatMul',
    inputs: [`m${i}`, 'reflection'],
    outputs: [`m${i + 1}`],
  }));
  return {
    inputs: [{ name: 'features', type: 'FP32', shape: ['N', 16] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    nodes: [
      { op: 'MatMul', inputs: ['features', 'widen'], outputs: ['wide'] },
      { op: 'Reshape', inputs: ['wide', 'square'], outputs: ['m0'] },
      ...multiply,
      { op: 'Reshape', inputs: [`m${layers}`, 'flat'], outputs: ['back'] },
      { op: 'MatMul', inputs: ['back', 'sum'], outputs: ['y'] },
    ],
    constants: [
      { name: 'widen', shape: [16, cells], data: wave(16 * cells, 1) },
      { name: 'reflection', shape: [SIDE, SIDE], data: reflection() },
      { name: 'sum', shape: [cells, 1], data: wave(cells, 1 / SIDE) },
      { name: 'square', shape: [3], data: new BigInt64Array([-1n, BigInt(SIDE), BigInt(SIDE)]) },
      { name: 'flat', shape: [2], data: new BigInt64Array([-1n, BigInt(cells)]) },
    ],
  };
}

const wave = (length, scale) => Float32Array.from({ length }, (_, i) => Math.sin(i) * scale);

/** I - 2 v vT / |v|^2 (Householder). */
function reflection() {
  const v = wave(SIDE, 1);
  const square = v.reduce((sum, x) => sum + x * x, 0);
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    return (row === column ? 1 : 0) - (2 * v[row] * v[column]) / square;
  });
}
