// 512 connections on a model of 1 ms: what arrives in time, and that nobody is left waiting.
import { bareLoop, gantry } from '../processes.js';
import { loadAnew, of, perSecond, playRounds, ratio } from '../compare.js';

const ROUNDS = 5;
/** Both are new processes each round. In this time V8 has compiled what they run, which takes the core from both and from Gantry more. */
const COMPILE_SECONDS = 3.5;

export async function run(bench) {
  const model = await bench.models.get('1ms');
  const lines = { gantry: gantry(model.repository), loop: bareLoop(model.file) };
  const { servers, stop } = await bench.start(model, lines);
  await bench.check(servers, model, [1, 16]);
  await stop();
  const plan = {
    path: `/v2/models/${model.name}/infer`,
    connections: 512,
    warmUpSeconds: COMPILE_SECONDS,
    seconds: 3,
  };
  const { gantry: ours, loop } = await playRounds(
    { gantry: () => loadAnew(lines.gantry, plan), loop: () => loadAnew(lines.loop, plan) },
    ROUNDS,
  );
  const refused = ours.reduce((sum, { statuses }) => sum + (statuses['503'] ?? 0), 0);
  return [
    {
      what: '1 ms model, 512 connections: goodput / loop',
      ...ratio(ours, loop, perSecond),
      goal: { least: 0.95 },
      note: `${of(ours, perSecond).value.toFixed(0)}/s, loop ${of(loop, perSecond).value.toFixed(0)}/s`,
    },
    {
      what: 'p99 of successes',
      ...of(ours, (result) => result.p99),
      unit: ' ms',
      goal: { most: 1000 },
      note: `loop ${of(loop, (result) => result.p99).value.toFixed(0)} ms; ${refused} refused with 503`,
    },
    {
      what: 'time-outs (5 s) and broken connections',
      ...of(ours, (result) => result.timeouts + result.broken),
      unit: '',
      goal: { most: 0 },
      note: `loop ${of(loop, (result) => result.timeouts + result.broken).value}`,
    },
  ];
}
