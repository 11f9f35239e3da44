/** Wrong input to the commands: one clear line that names the place, the right exit code, never a stack trace. */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { temporaryFolder } from '../support/localCluster.js';
import { gantry, GANTRY, ROOT, SEARCH_PATH, startProgram } from '../support/program.js';

const folder = temporaryFolder();
const models = path.join(ROOT, 'models');
afterAll(() => rmSync(folder, { recursive: true }));

/** A registry with a good copy of a sample in it. */
function registry(name: string): string {
  const root = path.join(folder, name);
  cpSync(path.join(models, 'production/digits'), path.join(root, 'production/digits'), { recursive: true });
  return root;
}

const PORTS = ['--host', '127.0.0.1', '--port', '0', '--grpc-port', '0', '--metrics-port', '0'];
const serve = (...args: string[]) => gantry(['serve', ...PORTS, '--log-level', 'silent', ...args]);

function expectOneLine(stderr: string, line: RegExp): void {
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
}

describe('gantry serve', () => {
  test('refuses a folder that is not there', async () => {
    const { code, stderr } = await serve('--models', path.join(folder, 'nowhere'));
    expect(code).toBe(1);
    expectOneLine(stderr, /^gantry: .*nowhere: .*; name a folder of models with --models$/);
  });

  test('refuses a folder without models and says how one lies there', async () => {
    const empty = path.join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await serve('--models', empty);
    expect(code).toBe(1);
    expectOneLine(
      stderr,
      /^gantry: .*empty: no models there; a model lies at STAGE\/NAME\/VERSION\/model\.onnx/,
    );
  });

  test('refuses a model that is not there and names those that are', async () => {
    const { code, stderr } = await serve('--models', models, '--model', 'nobody');
    expect(code).toBe(1);
    expectOneLine(stderr, /^gantry: --model nobody: no such model in .*; there is digits, volatility$/);
  });

  test('refuses a file that is not the declared one', async () => {
    const root = registry('mismatch');
    writeFileSync(path.join(root, 'production/digits/1/model.onnx'), 'other bytes');
    const { code, stderr } = await serve('--models', root);
    expect(code).toBe(1);
    expectOneLine(
      stderr,
      /^gantry: .*digits\/1\/model\.onnx: its bytes have digest sha256:\w+, declared is sha256:/,
    );
  });

  test('refuses a corrupt ONNX file', async () => {
    const root = path.join(folder, 'corrupt');
    mkdirSync(path.join(root, 'broken/1'), { recursive: true });
    writeFileSync(path.join(root, 'broken/1/model.onnx'), 'this is no ONNX model');
    const { code, stderr, stdout } = await serve('--models', root);
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).not.toMatch(/^ +at /m);
    expectOneLine(
      stderr,
      /^gantry: .*broken\/1\/model\.onnx: .*; check that the file is a complete ONNX model$/,
    );
  });

  test('refuses an occupied port', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const { code, stderr } = await serve('--models', models, '--port', String(port));
    holder.close();
    expect(code).toBe(1);
    expectOneLine(
      stderr,
      new RegExp(
        `^gantry: 127.0.0.1:${port}: the port is taken by another process; choose another host or port$`,
      ),
    );
  });

  test('refuses an unknown flag as wrong usage', async () => {
    const { code, stderr } = await serve('--cores', '3');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: unknown option '--cores'\n/);
  });

  test('serves what is there and drains at SIGTERM', async () => {
    const program = startProgram(process.execPath, [GANTRY, 'serve', '--models', models, ...PORTS], {
      env: { PATH: SEARCH_PATH },
    });
    await program.printed(/"msg":"ready"/);
    const { code, stdout } = await program.end('SIGTERM');
    expect(code).toBe(0);
    expect(stdout).toMatch(/"msg":"stopped"/);
  });
});

describe('onnxruntime', () => {
  test('is told to report nothing of its use to its maker', async () => {
    const home = path.join(folder, 'user');
    mkdirSync(home);
    await gantry(['model', 'verify', '--models', models], { env: { PATH: SEARCH_PATH, HOME: home } });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('gantry validate', () => {
  test('accepts the samples', async () => {
    const file = path.join(ROOT, 'manifests/samples/volatility.yaml');
    expect(await gantry(['validate', '-f', file])).toMatchObject({
      code: 0,
      stdout: `${file}: volatility: valid\n`,
    });
  });

  test('names every wrong field with its path', async () => {
    const file = path.join(folder, 'wrong.yaml');
    const text = [
      'apiVersion: gantry.dev/v1alpha1',
      'kind: ModelDeployment',
      'metadata: { name: wrong }',
      'spec:',
      '  replicas: -1',
      '  model: { name: digits, version: "1", digest: beef }',
      '  serving: { timeoutMs: soon }',
    ];
    writeFileSync(file, text.join('\n'));
    const { code, stderr } = await gantry(['validate', '-f', file]);
    expect(code).toBe(1);
    const places = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(`${file}: wrong: `.length).split(':')[0]);
    expect(places.sort()).toEqual(['spec.model.digest', 'spec.replicas', 'spec.serving.timeoutMs']);
    const json = await gantry(['validate', '-o', 'json', '-f', file]);
    expect(JSON.parse(json.stdout)).toMatchObject([{ name: 'wrong', document: 1, problems: { length: 3 } }]);
  });

  test.each([
    ['a file that is not there', 'nothing.yaml', undefined, /nothing\.yaml: .*; name a YAML file/],
    ['a file that is no YAML', 'broken.yaml', 'a: [', /broken\.yaml: .*; correct the YAML/],
    ['a file without a ModelDeployment', 'pod.yaml', 'kind: Pod', /pod\.yaml: holds no document of kind/],
  ])('refuses %s', async (_, name, text, line) => {
    const file = path.join(folder, name);
    if (text !== undefined) writeFileSync(file, text);
    const { code, stderr } = await gantry(['validate', '-f', file]);
    expect(code).toBe(1);
    expectOneLine(stderr, line);
  });
});

describe('gantry model verify', () => {
  test('checks digests and golden examples of every version', async () => {
    const { code, stdout } = await gantry(['model', 'verify', '--models', models]);
    expect(code).toBe(0);
    expect(stdout.match(/ok: digest, \d+ golden examples$/gm)).toHaveLength(3);
  });

  test('names the file that is not the declared one', async () => {
    const root = registry('verify');
    writeFileSync(path.join(root, 'production/digits/1/model.onnx'), 'other bytes');
    const { code, stdout } = await gantry(['model', 'verify', '--models', root, '-o', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'digits', ok: false, error: { code: 'DigestMismatch' } },
    ]);
  });

  test('refuses a model nobody has', async () => {
    const { code, stderr } = await gantry(['model', 'verify', 'nobody', '--models', models]);
    expect(code).toBe(1);
    expectOneLine(stderr, /^gantry: nobody: no model version there; run "gantry model list"/);
  });
});

describe('gantry doctor', () => {
  test('tells what it found and what to do', async () => {
    const { code, stdout } = await gantry(['doctor', '--home', path.join(folder, 'home')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CHECK +VERDICT +FOUND +WHAT TO DO\n/);
    expect(stdout).toMatch(/^node +ok +\d+\.\d+\.\d+$/m);
    expect(stdout).toMatch(/^state folder +ok +\S+\/home$/m);
  });

  test('fails where the state folder cannot be made', async () => {
    const { code, stdout } = await gantry(['doctor', '--home', '/dev/null/home', '-o', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ check: 'state folder', verdict: 'failure' }),
    );
  });
});
