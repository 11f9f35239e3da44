import { HISTORY_LIMIT, type HistoryEntry, type ModelDeployment } from '../../api/index.js';
import { timestamp } from './conditions.js';
import type { Verdict } from './verdict.js';

/** The history with an entry more when a rollout has just ended; bounded, newest first. */
export function historyOf(
  declared: ModelDeployment,
  verdict: Verdict,
  nowMs: number,
): readonly HistoryEntry[] {
  const history = declared.status?.history ?? [];
  if (verdict.state === 'Reconciling' || verdict.phase === 'Stopped') return history;
  const { version, digest } = declared.spec.model;
  const outcome = verdict.state === 'Ready' ? 'Succeeded' : 'Failed';
  const [latest] = history;
  const known =
    latest?.version === version &&
    latest.digest === digest &&
    latest.outcome === outcome &&
    (outcome === 'Succeeded' || latest.reason === verdict.reason);
  if (known) return history;
  const entry: HistoryEntry = {
    version,
    digest,
    generation: declared.metadata.generation ?? 0,
    outcome,
    ...(outcome === 'Failed' && { reason: verdict.reason }),
    time: timestamp(nowMs),
  };
  return [entry, ...history].slice(0, HISTORY_LIMIT);
}
