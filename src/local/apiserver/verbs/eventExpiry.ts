/** Events live for an hour after they were last written, as in a real cluster; without that they would only pile up. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject } from '../json.js';
import type { Core } from './call.js';

const TIME_TO_LIVE_MS = 3_600_000;
const SWEEP_INTERVAL_MS = 60_000;

/** Returns what to call when an event was written: now and then it removes those that are too old. */
export function createEventExpiry(): (core: Core) => void {
  let nextSweep = 0;
  return (core) => {
    const now = core.clock.now();
    if (now < nextSweep) return;
    nextSweep = now + SWEEP_INTERVAL_MS;
    for (const event of core.store.bucket('events').list()) {
      if (lastSeen(event) + TIME_TO_LIVE_MS >= now) continue;
      core.store.remove('events', `${event.metadata.namespace ?? ''}/${event.metadata.name}`);
    }
  };
}

function lastSeen(event: KubeObject): number {
  const series = isObject(event['series']) ? event['series']['lastObservedTime'] : undefined;
  const times = [event.metadata.creationTimestamp, event['lastTimestamp'], event['eventTime'], series];
  return Math.max(0, ...times.map((time) => (typeof time === 'string' ? Date.parse(time) || 0 : 0)));
}
