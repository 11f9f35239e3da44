/** What keeps `gantry serve` from starting, as whoever started it reads it: one line, and the container's last words. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linearModel } from '../support/onnxModel.js';
import { GANTRY, runProgram, SEARCH_PATH } from '../support/program.js';

let folder: string;
let taken: Server;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-refusals-'));
  await mkdir(path.join(folder, 'models', 'linear', '1'), { recursive: true });
  await writeFile(path.join(folder, 'models', 'linear', '1', 'model.onnx'), linearModel(4));
  await writeFile(path.join(folder, 'bad.pem'), 'no certificate');
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string) => path.join(folder, name);
const takenPort = () => String((taken.address() as AddressInfo).port);

async function serve(flags: readonly string[]) {
  const lastWords = file('termination-log');
  await writeFile(lastWords, '');
  const ports = ['--port', '0', '--grpc-port', '0', '--metrics-port', '0'];
  const args = ['serve', '--models', file('models'), '--host', '127.0.0.1', '--log-level', 'error', ...ports];
  const { code, stdout, stderr } = await runProgram(process.execPath, [GANTRY, ...args, ...flags], {
    env: { PATH: SEARCH_PATH, GANTRY_TERMINATION_LOG: lastWords },
  });
  expect(await readFile(lastWords, 'utf8')).toBe(stdout.trimEnd());
  return { code, stderr, problem: JSON.parse(stdout) as object };
}

describe('gantry serve does not start, and says why', () => {
  it.each([
    [
      'the folder of clients is missing',
      'ClientsUnreadable',
      () => ['--auth-tokens', file('missing')],
      'missing',
    ],
    ['a certificate is none', 'TlsFilesInvalid', () => tls('bad.pem'), 'bad.pem'],
    ['a certificate is missing', 'TlsFilesInvalid', () => tls('missing.pem'), 'missing.pem'],
    ['half of TLS is missing', 'TlsIncomplete', () => ['--tls-cert', file('bad.pem')], '--tls-cert'],
    ['the HTTP port is taken', 'CannotListen', () => ['--port', takenPort()], '127.0.0.1:'],
    ['the gRPC port is taken', 'CannotListen', () => ['--grpc-port', takenPort()], '127.0.0.1:'],
    ['the port of metrics is taken', 'CannotListen', () => ['--metrics-port', takenPort()], '127.0.0.1:'],
    ['the address is no address', 'CannotListen', () => ['--host', '192.0.2.1'], '192.0.2.1:0'],
  ])('when %s', async (_why, code, flags, place) => {
    const refused = await serve(flags());
    expect(refused.code).toBe(1);
    expect(refused.problem).toMatchObject({ code, place: expect.stringContaining(place) as unknown });
    const { remedy } = refused.problem as { readonly remedy: string };
    expect(remedy).not.toBe('');
    expect(refused.stderr).toMatch(/^gantry: .*\n$/);
    expect(refused.stderr).toContain(remedy);
  });
});

const tls = (name: string) => ['--tls-cert', file(name), '--tls-key', file(name)];
