import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type CommandIo } from '../../src/cli/io.js';
import { describeCommands, runProgram } from '../../src/cli/program.js';
import { completionScript } from '../../src/cli/completion.js';

async function gantry(...argv: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const io: CommandIo = {
    stdout,
    stderr,
    environment: {},
    workingDirectory: process.cwd(),
    signal: new AbortController().signal,
  };
  const code = await runProgram(argv, io, '1.2.3');
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('the command line', () => {
  test('prints its version', async () => {
    expect(await gantry('--version')).toMatchObject({ code: 0, stdout: '1.2.3\n' });
  });

  test('leaves a --version after a command to the command', async () => {
    const { code, stdout } = await gantry('promote', 'nobody', '--version', '7', '--repo', '/');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('explains each command with --help', async () => {
    for (const { path } of describeCommands()) {
      const { code, stdout } = await gantry(...path, '--help');
      expect({ path, code }).toEqual({ path, code: 0 });
      expect(stdout).toContain(`Usage: gantry ${path.join(' ')}`);
    }
  });

  test('answers an unknown command with what was meant and code 2', async () => {
    const { code, stderr } = await gantry('promot');
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'promot'");
    expect(stderr).toContain('promote');
  });

  test('answers an unknown flag with what was meant and code 2', async () => {
    const { code, stderr } = await gantry('serve', '--modles', 'x');
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--modles'");
    expect(stderr).toContain('--models');
  });

  test.each(['-1', '65536', '80a', ''])('refuses %p as a port', async (port) => {
    const { code, stderr } = await gantry('serve', '--port', port, '--dry-run');
    expect(code).toBe(2);
    expect(stderr).toContain('is not a whole number from 0 to 65535');
  });

  test.each(['bash', 'zsh', 'fish'] as const)('completes every command and flag in %s', async (shell) => {
    const { code, stdout } = await gantry('completion', shell);
    expect(code).toBe(0);
    expect(stdout).toBe(completionScript(shell, describeCommands()));
    for (const { path, flags } of describeCommands()) {
      expect(stdout).toContain(path.at(-1));
      for (const { flag } of flags) expect(stdout).toContain(shell === 'fish' ? flag.slice(2) : flag);
    }
  });
});

describe('gantry model', () => {
  test('lists the versions of the sample registry by stage', async () => {
    const { code, stdout } = await gantry('model', 'list', '--output', 'json');
    expect(code).toBe(0);
    const listed = (JSON.parse(stdout) as { stage: string; name: string; version: string }[]).map(
      ({ stage, name, version }) => `${stage}/${name}/${version}`,
    );
    expect(listed).toEqual(['production/digits/1', 'production/volatility/1', 'staging/volatility/2']);
  });

  test('shows a verified digest, signature and provenance', async () => {
    const { code, stdout } = await gantry('model', 'show', 'volatility');
    expect(code).toBe(0);
    expect(stdout).toMatch(/digest +sha256:[0-9a-f]{64} \(verified\)/);
    expect(stdout).toContain('features FP32 [-1, 16]');
  });

  test('names the models there are when asked for another', async () => {
    const { code, stderr } = await gantry('model', 'show', 'volatility', '9');
    expect(code).toBe(1);
    expect(stderr).toBe(
      `gantry: volatility/9: no such model version in any stage of ${process.cwd()}/models; there is 1 (production), 2 (staging)\n`,
    );
  });
});

describe('gantry validate', () => {
  test('accepts the samples', async () => {
    const { code, stdout } = await gantry(
      'validate',
      '-f',
      'manifests/samples/volatility.yaml',
      '-f',
      'manifests/samples/digits.yaml',
    );
    expect(code).toBe(0);
    expect(stdout.match(/: valid$/gm)).toHaveLength(2);
  });

  test('says which file cannot be read', async () => {
    const { code, stderr } = await gantry('validate', '-f', 'no/such.yaml').catch((error: Error) => ({
      code: 1,
      stderr: error.message,
    }));
    expect(code).toBe(1);
    expect(stderr).toContain('no/such.yaml');
  });
});
