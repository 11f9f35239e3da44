/** schemathesis tries what /openapi.json allows, and what it does not, and compares every answer with the document. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startProgram } from '../../support/program.js';
import { MISSING, SCHEMATHESIS, withPod, withServer } from './server.js';

/** For one operation whose schema says everything. */
const WITH_EVERY_CHECK = ['--checks', 'all', '--max-examples', '60'];
const CONFIG = path.join(import.meta.dirname, 'schemathesis.toml');

async function fuzzed(url: string, more: readonly string[] = []): Promise<void> {
  const run = ['--config-file', CONFIG, 'run', `${url}/openapi.json`, '--continue-on-failure', ...more];
  // It keeps what it found where it runs, and would try that first the next time.
  const cwd = await mkdtemp(path.join(tmpdir(), 'gantry-schemathesis-'));
  const { code, stdout, stderr } = await startProgram(SCHEMATHESIS, run, {
    cwd,
    env: { PATH: '/usr/bin:/bin', NO_COLOR: '1', PYTHONDONTWRITEBYTECODE: '1' },
  }).finished;
  await rm(cwd, { recursive: true });
  expect({ code, report: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, report: '' });
}

describe('/openapi.json', () => {
  if (!existsSync(SCHEMATHESIS)) {
    it('is judged in CI', () => {
      console.warn(MISSING);
      expect(process.env.CI === 'true' ? MISSING : '').toBe('');
    });
    return;
  }
  it(
    'says what a server of several models answers',
    () => withServer(({ http }) => fuzzed(`http://${http}`)),
    120_000,
  );

  it(
    'says which rows the typed endpoint takes',
    () =>
      withPod(({ http }) => fuzzed(`http://${http}`, ['--include-path', '/predict', ...WITH_EVERY_CHECK])),
    120_000,
  );
});
