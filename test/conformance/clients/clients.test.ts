/** The public Python clients against `gantry serve`, a process of its own: each of the judge's checks is a test. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { judgement } from './judgement.js';
import { ROOT, startProgram } from '../../support/program.js';
import { MISSING, PYTHON, withSamples, withServer } from './server.js';

const results = existsSync(PYTHON)
  ? await withServer((server) =>
      judgement(PYTHON, [path.join(import.meta.dirname, 'judge.py'), server.http, server.grpc]),
    )
  : undefined;

describe('the public clients', () => {
  if (results === undefined) {
    it('are there in CI', () => {
      console.warn(MISSING);
      expect(process.env.CI === 'true' ? MISSING : '').toBe('');
    });
    return;
  }
  it('are asked everything', () => {
    expect(results.exit).toEqual({ code: 0, stderr: '' });
    expect(results.checks.length).toBeGreaterThan(90);
  });
  it('are shown by an example that runs', () =>
    withSamples(async ({ http, grpc }) => {
      const example = path.join(ROOT, 'examples/python/predict.py');
      const { code, stdout, stderr } = await startProgram(PYTHON, [example, http, grpc]).finished;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [overHttp = '', overGrpc] = stdout.trim().split('\n');
      expect(overHttp).toMatch(/^HTTP \[\s*[\d.]+\s+[\d.]+\s*\]$/);
      expect(overGrpc).toBe(overHttp.replace('HTTP', 'gRPC'));
    }));
  it.each(results.checks.map(({ name, failure }) => [name, failure]))('%s', (_name, failure) => {
    expect(failure).toBeUndefined();
  });
});
