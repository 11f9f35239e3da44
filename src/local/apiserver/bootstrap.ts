/** What every cluster has from its first moment. */
import type { KubeObject } from '../../kube/index.js';
import { newMetadata, normalObject } from './verbs/metadata.js';
import type { Core } from './verbs/call.js';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

const PRIORITY_CLASSES = [
  { name: 'system-cluster-critical', value: 2_000_000_000, what: 'the cluster' },
  { name: 'system-node-critical', value: 2_000_001_000, what: 'the node' },
];

/** Creates what is missing; an existing cluster is left as it is. */
export function bootstrap(core: Core): void {
  for (const name of NAMESPACES) {
    ensure(core, 'namespaces', {
      kind: 'Namespace',
      apiVersion: 'v1',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  for (const { name, value, what } of PRIORITY_CLASSES) {
    ensure(core, 'scheduling.k8s.io/priorityclasses', {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value,
      description: `Used for system critical pods that must run for ${what} to work`,
      preemptionPolicy: 'PreemptLowerPriority',
    });
  }
}

function ensure(core: Core, bucket: string, object: KubeObject): void {
  if (core.store.bucket(bucket).get(object.metadata.name) !== undefined) return;
  const metadata = newMetadata(object.metadata, {
    clock: core.clock,
    random: core.random,
    generation: false,
  });
  core.store.put(bucket, normalObject({ ...object, metadata }));
}
