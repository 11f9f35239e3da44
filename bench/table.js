// How the figures are printed: one line each, with its goal and whether it was met.

/**
 * A row is `{ what, value, low, high, unit?, byCpu?, goal?: { least | most }, note?, skipped? }`. `unit` is that of the
 * value, `x` for a ratio. `byCpu` is the same ratio of the servers' CPU time for each answer: on a machine that does
 * other work too it is steadier than rates are.
 */
export function printCase(title, rows, seconds) {
  console.log(`\n${title}  (${seconds.toFixed(0)} s)`);
  for (const row of rows) console.log(`  ${line(row)}`);
}

export function printSummary(rows) {
  const judged = rows.filter((row) => row.goal !== undefined && !row.skipped);
  const missed = judged.filter((row) => !isMet(row));
  console.log(`\n${judged.length - missed.length} of ${judged.length} goals met`);
  for (const row of missed) console.log(`  missed  ${line(row)}`);
}

function line(row) {
  const what = row.what.padEnd(54);
  if (row.skipped) return `${what} skipped: ${row.skipped}`;
  const unit = row.unit ?? 'x';
  const range = `[${number(row.low)}, ${number(row.high)}]`.padEnd(18);
  const value = `${number(row.value)}${unit}`.padStart(10);
  const byCpu = (row.byCpu === undefined ? '' : `by CPU ${number(row.byCpu)}x`).padEnd(16);
  return `${what}${value} ${range}${byCpu}${verdict(row, unit).padEnd(24)}${row.note ?? ''}`.trimEnd();
}

function verdict(row, unit) {
  if (row.goal === undefined) return '';
  const { least, most } = row.goal;
  const goal = least === undefined ? `at most ${most}${unit}` : `at least ${least}${unit}`;
  return `${goal} ${isMet(row) ? 'met' : 'MISSED'}`;
}

export function isMet({ value, goal: { least = -Infinity, most = Infinity } }) {
  return value >= least && value <= most;
}

function number(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
