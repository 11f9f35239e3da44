import { Gauge } from 'prom-client';
import type { MetricsRegistry } from '../base/index.js';
import type { Store } from '../kube/index.js';
import type { StoredModelDeployment } from './informers.js';

const NAME = 'gantry_modeldeployment_phase';

/** Tells of every ModelDeployment in the store which phase it is in, at the moment the metrics are read. */
export function exposePhases(registry: MetricsRegistry, store: Store<StoredModelDeployment>): void {
  // Each term as the leader has a store of its own.
  registry.removeSingleMetric(NAME);
  new Gauge({
    name: NAME,
    help: '1 for the phase each ModelDeployment is in.',
    labelNames: ['namespace', 'name', 'phase'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, status } of store.list()) {
        const { namespace = '', name } = metadata;
        this.set({ namespace, name, phase: status?.phase ?? 'Pending' }, 1);
      }
    },
  });
}
