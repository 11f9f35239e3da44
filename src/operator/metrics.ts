import { Gauge } from 'prom-client';
import type { MetricsRegistry } from '../base/index.js';
import type { Store } from '../kube/index.js';
import type { StoredModelDeployment } from './informers.js';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

interface StateMetric {
  readonly name: string;
  readonly help: string;
  /** Besides `namespace` and `name`. */
  readonly labelNames: readonly string[];
  readonly samples: (object: StoredModelDeployment) => readonly Sample[];
}

const STATE: readonly StateMetric[] = [
  {
    name: 'gantry_modeldeployment_phase',
    help: '1 for the phase each ModelDeployment is in.',
    labelNames: ['phase'],
    samples: ({ status }) => [[{ phase: status?.phase ?? 'Pending' }, 1]],
  },
  {
    name: 'gantry_modeldeployment_condition',
    help: '1 for the status of each condition: True, False or Unknown.',
    labelNames: ['type', 'status', 'reason'],
    samples: ({ status }) =>
      (status?.conditions ?? []).map(({ type, status: value, reason }) => [
        { type, status: value, reason },
        1,
      ]),
  },
  {
    name: 'gantry_modeldeployment_replicas',
    help: 'Pods of each ModelDeployment by state: existing, updated (of the declared version) or ready.',
    labelNames: ['state'],
    samples: ({ status }) => [
      [{ state: 'existing' }, status?.replicas ?? 0],
      [{ state: 'updated' }, status?.updatedReplicas ?? 0],
      [{ state: 'ready' }, status?.readyReplicas ?? 0],
    ],
  },
  {
    name: 'gantry_modeldeployment_generation_lag',
    help: 'Changes of the declaration that the operator has not looked at yet.',
    labelNames: [],
    samples: ({ metadata, status }) => [
      [{}, (metadata.generation ?? 0) - Math.max(0, status?.observedGeneration ?? 0)],
    ],
  },
];

/** Tells of every ModelDeployment in the store how it is, at the moment the metrics are read. */
export function exposeState(registry: MetricsRegistry, store: Store<StoredModelDeployment>): void {
  for (const { name, help, labelNames, samples } of STATE) {
    // Each term as the leader has a store of its own.
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', ...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const object of store.list()) {
          const { namespace = '', name: objectName } = object.metadata;
          for (const [labels, value] of samples(object))
            this.set({ namespace, name: objectName, ...labels }, value);
        }
      },
    });
  }
}
