import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProblemError } from '../../../../src/base/index.js';
import { lmdbStorage } from '../../../../src/local/apiserver/storage/lmdbStorage.js';

const folder = mkdtempSync(join(tmpdir(), 'gantry-lmdb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes rows without end, printing each revision once it is committed, in the way the storage does. */
const WRITER = `
import { open } from ${JSON.stringify(new URL('../../../../node_modules/lmdb/index.js', import.meta.url).href)};
const database = open({ path: process.argv[2], encoding: 'string', mapSize: 2 ** 28 });
for (let revision = 1; ; revision++) {
  const row = database.put('pods default/p' + (revision % 50), JSON.stringify({ revision }));
  await Promise.all([row, database.put('!revision', String(revision))]);
  process.stdout.write(revision + '\\n');
}`;

describe('lmdb storage', () => {
  it('loses nothing that a killed process had written', async () => {
    const state = join(folder, 'killed');
    const script = join(folder, 'writer.mjs');
    writeFileSync(script, WRITER);
    const writer = spawn(process.execPath, [script, state], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const chunk of writer.stdout) {
      printed += String(chunk);
      if (printed.split('\n').length > 500) break;
    }
    writer.kill('SIGKILL');
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
    const last = Number(printed.split('\n').at(-2));
    const storage = lmdbStorage(state);
    const { revision, rows } = storage.load();
    expect(revision).toBeGreaterThanOrEqual(last);
    const newest = Array.from(rows, ({ text }) => (JSON.parse(text) as { revision: number }).revision);
    expect(Math.max(...newest)).toBe(revision);
    await storage.close();
  });

  it('is opened by one process only, and told plainly', async () => {
    const state = join(folder, 'locked');
    const first = lmdbStorage(state);
    expect(() => lmdbStorage(state)).toThrow(ProblemError);
    expect(() => lmdbStorage(state)).toThrow(`is used by process ${process.pid}`);
    await first.close();
    const second = lmdbStorage(state);
    await second.close();
  });

  it('takes over the lock of a process that is gone', async () => {
    const state = join(folder, 'stale');
    const first = lmdbStorage(state);
    await first.close();
    writeFileSync(join(state, 'lock.pid'), '999999999 1');
    const second = lmdbStorage(state);
    second.write(1, 'nodes n', '{}');
    await second.committed();
    expect(second.load().revision).toBe(1);
    await second.close();
  });
});
