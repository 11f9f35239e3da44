import { describe, expect, it } from '@jest/globals';
import { CachePasses } from '../../../src/serving/cache/index.js';

/** A model that takes about as long as looking up its input. */
const QUICK = { lookupMs: 0.04, missMs: 0.01 };
const SLOW = { lookupMs: 0.04, missMs: 5 };

interface Asked {
  readonly passed: number;
  readonly answers: number;
  readonly predictions: number;
}

/** Small requests as the endpoint takes them; `hits` says whether the one with this number finds its prediction. */
function ask(
  passes: CachePasses,
  requests: number,
  hits: (request: number) => boolean,
  answersToo = true,
): Asked {
  const asked = { passed: 0, answers: 0, predictions: 0 };
  for (let request = 0; request < requests; request++) {
    if (passes.take()) {
      asked.passed++;
      continue;
    }
    if (answersToo && passes.wantsAnswer()) {
      asked.answers++;
      passes.recordAnswer(false);
    }
    if (passes.wantsPrediction(64)) {
      asked.predictions++;
      passes.recordPrediction(hits(request));
    }
    passes.grant(answersToo);
  }
  return asked;
}

const never = () => false;
const always = () => true;

describe('requests that go past the cache', () => {
  it('are none before it is known that nothing repeats', () => {
    expect(ask(new CachePasses(QUICK), 255, never)).toEqual({ passed: 0, answers: 255, predictions: 255 });
  });

  it('are nearly all where nothing repeats, with a sample of one in 1,024 left for both lookups', () => {
    const passes = new CachePasses(QUICK);
    ask(passes, 200_000, never);
    const { passed, answers, predictions } = ask(passes, 102_400, never);
    expect(answers).toBe(100);
    expect(predictions).toBe(100);
    expect(passed).toBeGreaterThanOrEqual(102_400 - 200);
  });

  it('are none any more once a sampled one has hit', () => {
    const passes = new CachePasses(QUICK);
    ask(passes, 200_000, never);
    ask(passes, 1_024, always);
    expect(ask(passes, 500, always)).toMatchObject({ passed: 0, predictions: 500 });
  });

  it('end at once when a request that came another way has hit', () => {
    const passes = new CachePasses(QUICK);
    ask(passes, 200_000, never);
    while (!passes.take()) ask(passes, 1, never);
    passes.recordPrediction(true);
    expect(passes.take()).toBe(false);
  });

  it('are none of a slow model, of which every prediction is looked up', () => {
    expect(ask(new CachePasses(SLOW), 5_000, never)).toMatchObject({ passed: 0, predictions: 5_000 });
  });

  it('need no answers to be remembered, which those of large bodies are not', () => {
    const passes = new CachePasses(QUICK);
    ask(passes, 200_000, never, false);
    expect(ask(passes, 102_400, never, false)).toMatchObject({ answers: 0, predictions: 100 });
  });
});
