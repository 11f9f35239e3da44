// Writes src/serving/grpc/services.generated.json from the .proto files beside it: the server reads no file when it
// starts, and its bundle is whole.
//   node scripts/generate-grpc.js            writes
//   node scripts/generate-grpc.js --check    fails when the file is not what would be written
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const folder = fileURLToPath(new URL('../src/serving/grpc/', import.meta.url));
const target = `${folder}services.generated.json`;

const root = new protobuf.Root();
for (const file of ['inference.proto', 'health.proto']) {
  root.loadSync(`${folder}proto/${file}`, { keepCase: true, alternateCommentMode: true });
}
const text = `${JSON.stringify(root.toJSON(), null, 1)}\n`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error(
    'src/serving/grpc/services.generated.json is not what the .proto files say: run node scripts/generate-grpc.js',
  );
  process.exitCode = 1;
}
