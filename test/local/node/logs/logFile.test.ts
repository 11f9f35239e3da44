import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogFile, logFilesOf } from '../../../../src/local/node/logs/logFile.js';
import { type LogOptions, readLogs } from '../../../../src/local/node/logs/podLogs.js';
import { VirtualClock } from '../../../support/virtualClock.js';
import { readAll } from '../cluster.js';

describe("a container's log", () => {
  let folder: string;
  let clock: VirtualClock;
  let log: LogFile;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-log-'));
    clock = new VirtualClock();
    log = new LogFile({ path: join(folder, '0.log'), clock, maxBytes: 400 });
  });

  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
    log.write(stream, Buffer.from(text));
  const read = (options: LogOptions = {}) => {
    const live = log.isClosed ? undefined : log;
    return readAll(readLogs({ path: log.path, live, now: clock.now() }, options));
  };

  it('joins chunks to lines, tells streams apart and keeps a last line without an end', async () => {
    write('one\ntw');
    write('oops\n', 'stderr');
    write('o\nthree');
    await log.close();
    expect(await read()).toBe('one\noops\ntwo\nthree\n');
    expect(await read({ tailLines: 2 })).toBe('two\nthree\n');
    expect(await read({ tailLines: 0 })).toBe('');
    expect(await read({ limitBytes: 6 })).toBe('one\noo');
  });

  it('stamps each line with its time, and finds what is recent by it', async () => {
    write('old\n');
    await clock.advance(60_000);
    write('new\n');
    await log.close();
    expect(await read({ timestamps: true, tailLines: 1 })).toBe('2026-01-01T00:01:00.000000000Z new\n');
    expect(await read({ sinceSeconds: 30 })).toBe('new\n');
    expect(await read({ sinceTime: '2026-01-01T00:00:30Z' })).toBe('new\n');
  });

  it('follows until the run is over, without losing or repeating a line', async () => {
    write('a\n');
    const following = read({ follow: true });
    for (const line of ['b\n', 'c\n', 'd\n']) {
      write(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await log.close();
    expect(await following).toBe('a\nb\nc\nd\n');
  });

  it('ends a follow when its reader goes', async () => {
    const stop = new AbortController();
    write('a\n');
    const following = read({ follow: true, signal: stop.signal });
    stop.abort();
    expect(['a\n', '']).toContain(await following);
  });

  it('keeps a bounded number of files of a bounded size', async () => {
    for (let index = 0; index < 200; index += 1) write(`line ${index}\n`);
    await log.close();
    expect(logFilesOf(log.path)).toHaveLength(5);
    const lines = (await read()).trimEnd().split('\n');
    expect(lines.at(-1)).toBe('line 199');
    expect(lines.length).toBeLessThan(60);
  });

  it('cuts an endless line into parts instead of holding it', async () => {
    write('x'.repeat(20_000));
    write('y\n');
    await log.close();
    expect(await read()).toBe(`${'x'.repeat(20_000)}y\n`);
  });
});
