import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { terminationMessage } from '../../../../src/local/node/logs/terminationMessage.js';
import type { Container } from '../../../../src/local/objects/index.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'gantry-log-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const container = (policy?: string): Container => ({
  name: 'server',
  image: 'gantry',
  ...(policy !== undefined && { terminationMessagePolicy: policy }),
});
const asking = container('FallbackToLogsOnError');

async function log(lines: readonly string[]): Promise<string> {
  const file = path.join(folder, '0.log');
  await writeFile(file, lines.map((line) => `2026-01-01T00:00:00.000000000Z stdout F ${line}\n`).join(''));
  return file;
}

describe('the termination message', () => {
  test('is the end of the log of a run that failed', async () => {
    expect(await terminationMessage(asking, 1, await log(['starting', 'failed']))).toBe('starting\nfailed\n');
  });

  test('is there only where the container asks for it and has failed', async () => {
    const file = await log(['said']);
    expect(await terminationMessage(asking, 0, file)).toBeUndefined();
    expect(await terminationMessage(container(), 1, file)).toBeUndefined();
    expect(await terminationMessage(undefined, 1, file)).toBeUndefined();
  });

  test('has at most 80 lines and 2048 bytes, the last ones', async () => {
    const short = await terminationMessage(
      asking,
      1,
      await log(Array.from({ length: 100 }, (_, n) => `${n}`)),
    );
    expect(short?.split('\n').slice(0, 2)).toEqual(['20', '21']);
    const long = await terminationMessage(asking, 1, await log(['x'.repeat(5000), 'end']));
    expect(long).toHaveLength(2048);
    expect(long?.endsWith('\nend\n')).toBe(true);
  });

  test('is nothing when nothing was said', async () => {
    expect(await terminationMessage(asking, 1, await log([]))).toBeUndefined();
    expect(await terminationMessage(asking, 1, path.join(folder, 'none.log'))).toBeUndefined();
  });
});
