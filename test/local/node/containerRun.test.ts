import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep } from '../../../src/base/index.js';
import { ContainerRun } from '../../../src/local/node/container/containerRun.js';
import { LogFile } from '../../../src/local/node/logs/logFile.js';
import type { Prober, ProbeResult } from '../../../src/local/node/probe/prober.js';
import type { ProcessExit, ProcessSpawner } from '../../../src/local/node/process/spawner.js';
import type { Container, Handler } from '../../../src/local/objects/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

const HOOK: Handler = { exec: { command: ['hook'] } };

describe('a run of a container', () => {
  let folder: string;
  let clock: VirtualClock;
  let told: string[];
  /** What the probes find, by the time in milliseconds. */
  let healthy: (ms: number) => boolean;
  let obeysTerm: boolean;
  let exit: (result: ProcessExit) => void;

  const tell = (what: string) => told.push(`${clock.monotonic()} ${what}`);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-run-'));
    clock = new VirtualClock();
    told = [];
    healthy = () => true;
    obeysTerm = true;
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const spawner: ProcessSpawner = {
    start: () =>
      Promise.resolve({
        pid: 4242,
        exited: new Promise<ProcessExit>((resolve) => (exit = resolve)),
        kill: (signal) => {
          tell(signal);
          if (signal === 'SIGKILL') exit({ code: 137, signal });
          else if (obeysTerm) exit({ code: 0 });
        },
      }),
  };
  const prober: Prober = {
    async probe(handler, _target, _timeoutMs): Promise<ProbeResult> {
      if (handler.exec === HOOK.exec) {
        tell('hook');
        await sleep(clock, 2000);
      }
      return { ok: healthy(clock.monotonic()), message: 'unhealthy' };
    },
  };

  const start = async (container: Partial<Container>): Promise<ContainerRun> => {
    const spec = { command: 'x', args: [], env: {}, cwd: '/' };
    const target = { podIP: '127.0.0.1', portOf: () => undefined, processOf: () => undefined };
    const log = new LogFile({ path: join(folder, '0.log'), clock });
    const run = await ContainerRun.start(
      { clock, spawner, prober },
      { name: 'main', image: 'i', ...container },
      { spec, log, target },
    );
    void run.exited.then(({ code }) => tell(`exit ${code}`)).then(() => log.close());
    void run.watch({
      onStarted: () => tell('started'),
      onReady: (ready) => tell(ready ? 'ready' : 'not ready'),
      onUnhealthy: (kind, message) => tell(`${kind} ${message}`),
      onMustEnd: (reason) => tell(`must end: ${reason}`),
    });
    await clock.settle();
    return run;
  };

  it('is started and ready at once without probes', async () => {
    await start({});
    expect(told).toEqual(['0 started', '0 ready']);
  });

  it('is not ready, and not probed for its life, before the startup probe succeeds', async () => {
    healthy = (ms) => ms >= 5000;
    const probe = { ...HOOK, periodSeconds: 1, exec: { command: ['check'] } };
    await start({
      startupProbe: { ...probe, failureThreshold: 30 },
      readinessProbe: probe,
      livenessProbe: { ...probe, failureThreshold: 1 },
    });
    await clock.advance(8000);
    const without = told.filter((line) => !line.includes('Startup'));
    expect(without.map((line) => line.replace(/^\d+ /, ''))).toEqual(['started', 'ready']);
    expect(Number(without[0]?.split(' ')[0])).toBeGreaterThanOrEqual(5000);
  });

  it('must end when its liveness probe has failed often enough, and only then', async () => {
    healthy = (ms) => ms < 15_000;
    const exec = { command: ['check'] };
    await start({ livenessProbe: { exec, periodSeconds: 10, failureThreshold: 2 } });
    await clock.advance(29_000);
    expect(told).toEqual(['0 started', '0 ready', '20000 Liveness unhealthy']);
    await clock.advance(1000);
    expect(told.at(-1)).toBe('30000 must end: failed liveness probe');
  });

  it('runs its preStop hook, then gets SIGTERM', async () => {
    const run = await start({ lifecycle: { preStop: HOOK } });
    void run.stop(30_000);
    await clock.advance(5000);
    expect(told.slice(2)).toEqual(['0 hook', '2000 SIGTERM', '2000 exit 0']);
  });

  it('is not kept waiting by its preStop hook when the node ends', async () => {
    const run = await start({ lifecycle: { preStop: HOOK } });
    void run.stop(30_000, { hook: false });
    await clock.settle();
    expect(told.slice(2)).toEqual(['0 SIGTERM', '0 exit 0']);
  });

  it('is killed when the grace period, the hook included, is over', async () => {
    obeysTerm = false;
    const run = await start({ lifecycle: { preStop: HOOK } });
    void run.stop(5000);
    await clock.advance(10_000);
    expect(told.slice(2)).toEqual(['0 hook', '2000 SIGTERM', '5000 SIGKILL', '5000 exit 137']);
  });

  it('can be given less time while it ends, never more', async () => {
    obeysTerm = false;
    const run = await start({});
    void run.stop(30_000);
    await clock.advance(1000);
    void run.stop(60_000);
    void run.stop(2000);
    await clock.advance(5000);
    expect(told.slice(2)).toEqual(['0 SIGTERM', '3000 SIGKILL', '3000 exit 137']);
  });

  it('stops probing when its process has ended', async () => {
    const run = await start({ readinessProbe: { exec: { command: ['check'] }, periodSeconds: 1 } });
    exit({ code: 1 });
    await run.exited;
    const before = told.length;
    healthy = () => false;
    await clock.advance(10_000);
    expect(told.slice(before)).toEqual([]);
  });
});
