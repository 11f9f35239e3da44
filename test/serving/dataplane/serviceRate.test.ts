import { describe, expect, it } from '@jest/globals';
import { ServiceRate } from '../../../src/serving/dataplane/serviceRate.js';

describe('the rate of a model', () => {
  it('is unknown before its first run, and a client is then told to come back after a second', () => {
    const rate = new ServiceRate(2);
    expect(rate.perSecond).toBeUndefined();
    expect(rate.secondsFor(1_000)).toBe(1);
  });

  it('counts requests of all lanes', () => {
    const rate = new ServiceRate(2);
    for (let run = 0; run < 50; run++) rate.observe(4, 100);
    expect(rate.perSecond).toBeCloseTo(80);
    expect(rate.secondsFor(400)).toBe(5);
  });

  it('follows a model that becomes slower', () => {
    const rate = new ServiceRate(1);
    rate.observe(1, 10);
    for (let run = 0; run < 200; run++) rate.observe(1, 1_000);
    expect(rate.perSecond).toBeCloseTo(1);
  });

  it('sends nobody away for longer than a minute', () => {
    const rate = new ServiceRate(1);
    rate.observe(1, 10_000);
    expect(rate.secondsFor(1_000)).toBe(60);
  });
});
