// The ceiling: the model run one row after the other in a process that does nothing else.
// usage: node modelAlone.js MODEL.onnx SECONDS [ROWS]   prints runs a second and the quickest run in milliseconds
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [modelPath, seconds, rows = '1'] = process.argv.slice(2);
const session = await InferenceSession.create(modelPath, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
});
const [inputName] = session.inputNames;
const shape = session.inputMetadata[0].shape.map((size) => (typeof size === 'number' ? size : Number(rows)));
const count = shape.reduce((product, size) => product * size, 1);
const tensor = new Tensor('float32', new Float32Array(count).fill(0.5), shape);
await session.run({ [inputName]: tensor });

let runs = 0;
let quickest = Infinity;
const startedAt = performance.now();
let last = startedAt;
while (last - startedAt < Number(seconds) * 1000) {
  await session.run({ [inputName]: tensor });
  const now = performance.now();
  quickest = Math.min(quickest, now - last);
  last = now;
  runs++;
}
console.log(JSON.stringify({ rate: (runs * 1000) / (last - startedAt), quickestMs: quickest }));
