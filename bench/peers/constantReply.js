// The floor: node:http answering a constant after reading the body.
// usage: node constantReply.js IGNORED PORT
import { createServer } from 'node:http';

const body =
  '{"model_name":"tabular","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1,1],"data":[1]}]}';
const head = { 'Content-Type': 'application/json', 'Content-Length': body.length };
const server = createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => response.writeHead(200, head).end(body));
});
server.listen(Number(process.argv[3]), '127.0.0.1', () =>
  console.log(JSON.stringify({ port: server.address().port })),
);
