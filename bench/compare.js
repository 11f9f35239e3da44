// Side by side: contenders take turns, round after round, and are compared within each round, so that whatever else the
// machine does meets all of them. A figure is the median of its rounds; its spread is their range.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createBodies } from './bodies.js';
import { measure, startServer } from './processes.js';

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/**
 * `contenders` is {name: () => Promise<result>}; the result is {name: [result of each round]}. A first round does not
 * count: what it shows is the compiling of code.
 */
export async function takeTurns(contenders, rounds) {
  for (const contend of Object.values(contenders)) await contend();
  return playRounds(contenders, rounds);
}

/** The same with every round counted: for contenders that are new processes each time (loadAnew), or were under load before. */
export async function playRounds(contenders, rounds) {
  const names = Object.keys(contenders);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Another one begins each time: the first of a round meets what the last one left.
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      results[name].push(await contenders[name]());
    }
  }
  return results;
}

/** Puts a server under load; the result has the server's CPU time for each answer beside what the load saw. */
export async function load(server, plan) {
  const servers = [server].flat();
  const spent = () => servers.reduce((sum, one) => sum + one.cpuUs(), 0);
  const before = spent();
  const result = await measure('load.js', [{ ports: servers.map(({ port }) => port), ...plan }]);
  const refused = Object.keys(result.statuses).filter((status) => status !== '200' && status !== '503');
  if (refused.length > 0) throw new Error(`answers with status ${refused}`);
  return { ...result, cpuUs: (spent() - before) / result.total };
}

/**
 * Puts a server of its own under load, for contenders that differ by little: where the pages of a process lie and what V8
 * inlines in it is chance, stays as it is for the process' life, and is worth a few hundredths.
 */
export async function loadAnew(commandLine, plan) {
  const server = await startServer(commandLine);
  const result = await load(server, plan);
  await server.stop();
  return result;
}

/**
 * Puts servers under load by turns of tens of milliseconds (alternate.js), for contenders that differ by a few hundredths: the machine's own
 * speed changes by more within a second, and meets both. The result is as of takeTurns, `turnsOfRound` turns being a round.
 */
export async function alternate(servers, { turnsOfRound = 1, ...plan }) {
  const names = Object.keys(servers);
  const processes = names.map((name) => ({ port: servers[name].port, pid: servers[name].pid }));
  const turns = await measure('alternate.js', [{ servers: processes, ...plan }]);
  const rounds = Array.from({ length: turns.length / turnsOfRound }, (_, round) =>
    turns.slice(round * turnsOfRound, (round + 1) * turnsOfRound),
  );
  const resultOf = (round, i) => {
    const sum = (what) => round.reduce((total, turn) => total + turn[i][what], 0);
    return {
      rate: (sum('answers') / sum('wallUs')) * 1e6,
      cpuUs: sum('cpuUs') / sum('answers'),
      p50: median(round.map((turn) => turn[i].p50)),
    };
  };
  return Object.fromEntries(names.map((name, i) => [name, rounds.map((round) => resultOf(round, i))]));
}

/** The ratio of a figure, round by round. */
export function ratio(ours, theirs, figure) {
  return spread(ours.map((result, round) => figure(result) / figure(theirs[round])));
}

/**
 * The ratio of a figure where each start has processes of its own, `starts` being what `alternate` gave for each: within a start the median
 * of the turns' ratios, over the starts the median of the geometric means of any two (Hodges and Lehmann, 1963), which a few starts that
 * something disturbed hardly move, at two thirds of the median's variance.
 */
export function ofStarts(starts, ours, theirs, figure) {
  const ratios = starts.map((results) => ratio(results[ours], results[theirs], figure).value);
  const means = ratios.flatMap((a, i) => ratios.slice(i).map((b) => Math.sqrt(a * b)));
  return { ...spread(ratios), value: median(means) };
}

export function spread(values) {
  return { value: median(values), low: Math.min(...values), high: Math.max(...values) };
}

export const perSecond = (result) => result.rate;
/** Answers for each microsecond of the server's CPU time. */
export const perCpu = (result) => 1 / result.cpuUs;

export const of = (results, figure) => spread(results.map(figure));

/** Throws when a server's answers are not what onnxruntime computes for the same inputs. */
export async function checkValues(servers, model, shape, forms = ['json']) {
  const session = await InferenceSession.create(model.file);
  const path = `/v2/models/${model.name}/infer`;
  for (const form of forms) {
    const next = createBodies(path, { shape, form })();
    for (let i = 0; i < 3; i++) {
      const request = next();
      const { body, headers, values } = readBack(request, shape, form);
      const feeds = { [session.inputNames[0]]: new Tensor('float32', values, shape) };
      const expected = (await session.run(feeds))[session.outputNames[0]].data;
      for (const [name, { port }] of Object.entries(servers)) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
        const answer = (await response.json()).outputs?.[0]?.data;
        if (!close(answer, expected))
          throw new Error(
            `${name} answers ${String(answer).slice(0, 80)}, onnxruntime ${expected.slice(0, 4)}`,
          );
      }
    }
  }
}

function readBack(request, shape, form) {
  const bytes = Buffer.from(request, 'latin1');
  const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  if (form === 'json') {
    const { data } = JSON.parse(body.toString()).inputs[0];
    return { body, headers: { 'content-type': 'application/json' }, values: Float32Array.from(data) };
  }
  const head = /Content-Length: (\d+)\r\n/.exec(bytes.toString('latin1', 0, 400))[1];
  const values = new Float32Array(Uint8Array.from(body.subarray(Number(head))).buffer);
  return { body, headers: { 'Inference-Header-Content-Length': head }, values };
}

function close(answer, expected) {
  if (answer?.length !== expected.length) return false;
  return answer.every(
    (value, i) => Math.abs(value - expected[i]) <= 1e-4 * Math.max(1, Math.abs(expected[i])),
  );
}
