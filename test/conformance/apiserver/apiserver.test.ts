/**
 * The recorded answers of real API servers against the local one, or against a real server of today when
 * GANTRY_CONFORMANCE_KUBECONFIG names one. A step that is answered differently stands in known-differences.json with
 * the reason; one that stands there and is answered as recorded fails the test too, so the list can only shrink.
 */
import { readFileSync } from 'node:fs';
import { scenarios } from './corpus.js';
import { startLocalCluster } from './localCluster.js';
import { connectRealCluster, partsOf, whyNot } from './realCluster.js';
import { replay } from './replay.js';

interface KnownDifference {
  readonly scenario: string;
  /** Indexes into the scenario's steps; -1 is its setup or the order of its resourceVersions. */
  readonly steps: readonly number[];
  readonly reason: string;
}

function differencesIn(file: string): KnownDifference[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as KnownDifference[];
}

const known = differencesIn('known-differences.json');
/** Where a kube-apiserver 1.37 has moved on from the recorded 1.20 and the local one has not: what is left to follow. */
const newer = differencesIn('newer-differences.json');
const all = scenarios();
const kubeconfig = process.env['GANTRY_CONFORMANCE_KUBECONFIG'];
const REAL_LIMIT_MS = 300_000;

function stepsOf(differences: readonly KnownDifference[], scenario: string): number[] {
  const steps = differences.filter((entry) => entry.scenario === scenario).flatMap((entry) => entry.steps);
  return [...new Set(steps)].sort((a, b) => a - b);
}

if (kubeconfig === undefined) describe('the recorded corpus', againstLocal);
else describe('the recorded corpus against a real API server', () => againstReal(kubeconfig));

function againstLocal(): void {
  let compared = 0;
  let matched = 0;

  it.each(all.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const { compared: steps, failures } = await replay(scenario, await startLocalCluster());
    const different = [...new Set(failures.map(({ step }) => step))].sort((a, b) => a - b);
    compared += steps;
    matched += steps - different.filter((step) => step >= 0).length;
    const expected = stepsOf(known, name);
    const surprising = failures.filter(({ step }) => !expected.includes(step));
    expect(surprising.map(({ step, what }) => `step ${step}: ${what}`)).toEqual([]);
    expect(different).toEqual(expected);
  });

  it('has every scenario and every step', () => {
    expect(all).toHaveLength(87);
    expect(compared).toBe(1452);
    process.stdout.write(`API server corpus: ${matched} of ${compared} steps answered as recorded\n`);
  });

  it('knows no difference of a scenario that is not there, and none without a reason', () => {
    const names = new Set(all.map(({ name }) => name));
    expect(
      [...known, ...newer].filter(({ scenario, reason }) => !names.has(scenario) || reason.length < 10),
    ).toEqual([]);
  });
}

/** A real server may differ where the local one does, or where it is known to be newer; anywhere else the local one is wrong. */
function againstReal(path: string): void {
  it.each(all.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (name, scenario) => {
      const reason = whyNot(scenario, await partsOf(path));
      if (reason !== undefined) {
        process.stdout.write(`not replayed: ${name}: ${reason}\n`);
        return;
      }
      const { failures } = await replay(scenario, await connectRealCluster(path));
      const expected = stepsOf([...known, ...newer], name);
      const surprising = failures.filter(({ step }) => !expected.includes(step));
      expect(surprising.map(({ step, what }) => `step ${step}: ${what}`)).toEqual([]);
    },
    REAL_LIMIT_MS,
  );
}
