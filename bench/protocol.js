// How the protocol's own reading and printing compare with the engine's JSON.parse and JSON.stringify: CPU time, best
// of several rounds, as ratios (below 1 is faster than the engine).
//   node bench/protocol.js
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(import.meta.dirname);
const folder = await mkdtemp(path.join(tmpdir(), 'gantry-protocol-'));
const bundle = path.join(folder, 'protocol.mjs');
await build({
  stdin: {
    contents: ['v2/decodeRequest', 'v2/encodeResponse', 'key']
      .map((file) => `export * from './src/serving/protocol/${file}.js';`)
      .join('\n'),
    resolveDir: root,
  },
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
const { decodeInferRequest, encodeInferResponse, predictionKey } = await import(pathToFileURL(bundle).href);

const ARRAYS = { FP32: Float32Array, FP64: Float64Array };
const ROUNDS = 7;

/** CPU microseconds of one call. */
function cost(call, calls) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < calls; i++) call();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / calls);
  }
  return best;
}

function report(name, ours, engine) {
  const ratio = (ours / engine).toFixed(2);
  console.log(
    `${name.padEnd(52)} ${ours.toFixed(1).padStart(9)} us  ${engine.toFixed(1).padStart(9)} us  ${ratio}`,
  );
}

function compare(name, datatype, values, calls) {
  const data = ARRAYS[datatype].from(values);
  const shape = [1, data.length];
  const signature = {
    inputs: [{ name: 'input', datatype, shape: [-1, data.length] }],
    outputs: [{ name: 'y', datatype, shape: [-1, data.length] }],
  };
  const body = Buffer.from(JSON.stringify({ inputs: [{ name: 'input', shape, datatype, data: values }] }));
  const decode = () => decodeInferRequest(body, signature);
  const parse = () => ARRAYS[datatype].from(JSON.parse(body.toString()).inputs[0].data);
  const decoded = decode();
  if (!decoded.ok || !decoded.value.inputs[0].data.every((value, i) => value === data[i])) {
    throw new Error(`${name}: the values read are not the engine's`);
  }
  report(`read ${name}`, cost(decode, calls), cost(parse, calls));
  const outputs = [{ name: 'y', datatype, shape, data }];
  const response = { modelName: 'm', modelVersion: '1', outputs };
  const encode = () => encodeInferResponse(response, { outputs: [], binaryOutputs: false });
  const stringify = () =>
    Buffer.from(
      JSON.stringify({
        model_name: 'm',
        model_version: '1',
        outputs: [{ ...outputs[0], data: Array.from(data) }],
      }),
    );
  report(`print ${name}`, cost(encode, calls), cost(stringify, calls));
  return { body, request: decoded.value, shape, signature, data };
}

const IMAGE = 150528;
const series = (length, value) => Array.from({ length }, (_, i) => value((i * 0.6180339887498949) % 1));
const widened = (x) => Math.fround(2 * x - 1);
const short = (x) => Math.round(x * 1000) / 1000;

console.log(`${''.padEnd(52)}        ours        engine  ratio`);
const { request, body } = compare('16 FP32, 17 digits', 'FP32', series(16, widened), 20000);
compare('256 x 16 FP32, 17 digits', 'FP32', series(4096, widened), 200);
compare('image of 150,528 FP32, 17 digits', 'FP32', series(IMAGE, widened), 4);
compare(
  'image of 150,528 FP32, 8 digits',
  'FP32',
  series(IMAGE, (x) => Number(x.toPrecision(8))),
  4,
);
compare('image of 150,528 FP32, 3 digits', 'FP32', series(IMAGE, short), 4);
compare(
  'image of 150,528 FP32, whole pixels',
  'FP32',
  series(IMAGE, (x) => Math.floor(256 * x)),
  4,
);
compare(
  '150,528 FP64, 17 digits',
  'FP64',
  series(IMAGE, (x) => x),
  4,
);

const parseSmall = cost(() => JSON.parse(body.toString()), 20000);
report(
  'cache key of 16 FP32 (against parsing them)',
  cost(() => predictionKey('m', '1', 'sha256:0', request), 20000),
  parseSmall,
);

await rm(folder, { recursive: true, force: true });
