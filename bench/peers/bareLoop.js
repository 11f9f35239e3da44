// What people write by hand: node:http, JSON.parse, onnxruntime-node's public API, one request one run, no checks.
// usage: node bareLoop.js MODEL.onnx PORT
import { createServer } from 'node:http';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [modelPath, port] = process.argv.slice(2);
const session = await InferenceSession.create(modelPath, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
});
const [inputName] = session.inputNames;
const [outputName] = session.outputNames;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200).end();
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { id, inputs } = JSON.parse(Buffer.concat(chunks).toString());
    const [input] = inputs;
    const tensor = new Tensor('float32', Float32Array.from(input.data), input.shape);
    const output = (await session.run({ [inputName]: tensor }))[outputName];
    const body = JSON.stringify({
      id,
      model_name: 'tabular',
      model_version: '1',
      outputs: [{ name: outputName, datatype: 'FP32', shape: output.dims, data: Array.from(output.data) }],
    });
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 }, () =>
  console.log(JSON.stringify({ port: server.address().port })),
);
