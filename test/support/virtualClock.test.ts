import { sleep } from '../../src/base/index.js';
import { VirtualClock } from './virtualClock.js';

describe('VirtualClock', () => {
  it('runs timers in the order of their time, then of their creation', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.schedule(20, () => ran.push('b'));
    clock.schedule(10, () => ran.push('a'));
    clock.schedule(20, () => ran.push('c'));
    await clock.advance(19);
    expect(ran).toEqual(['a']);
    await clock.advance(1);
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('lets what a timer sets off happen at the time of that timer', async () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const loop = async () => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 100);
        times.push(clock.monotonic());
      }
    };
    const done = loop();
    await clock.advance(1_000);
    await done;
    expect(times).toEqual([100, 200, 300]);
  });

  it('does not run a cancelled timer', async () => {
    const clock = new VirtualClock();
    let ran = false;
    const timer = clock.schedule(5, () => (ran = true));
    timer.cancel();
    await clock.advance(10);
    expect({ ran, pending: clock.pending }).toEqual({ ran: false, pending: 0 });
  });

  it('moves the wall clock without moving the monotonic one', () => {
    const clock = new VirtualClock(1_000);
    clock.jumpWall(-500);
    expect([clock.now(), clock.monotonic()]).toEqual([500, 0]);
  });

  it('fails when what is waited for cannot come', async () => {
    await expect(new VirtualClock().advanceUntil(() => false)).rejects.toThrow('did not become true');
  });
});
