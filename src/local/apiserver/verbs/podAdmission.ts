/** What admission adds to a new Pod: its service account, priority and the tolerations of a dead node. */
import type { KubeObject } from '../../../kube/index.js';
import { forbidden } from '../status.js';
import type { Call, Core } from './call.js';

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  tolerationSeconds?: number;
}

interface PodSpec {
  serviceAccountName?: string;
  serviceAccount?: string;
  tolerations?: Toleration[];
  priority?: number;
  priorityClassName?: string;
  preemptionPolicy?: string;
}

const DEFAULT_ACCOUNT = 'default';
const NODE_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const EVICTED_AFTER_SECONDS = 300;

/** Changes the pod in place. Throws 403. */
export function admitPod(core: Core, call: Call, pod: KubeObject): void {
  const spec = (pod['spec'] ?? {}) as PodSpec;
  pod['spec'] = spec;
  admitAccount(core, call, pod, spec);
  admitTolerations(spec);
  admitPriority(core, call, pod, spec);
}

/**
 * The default account need not be there yet (its controller makes it in a moment, and no token is mounted); another
 * one must.
 */
function admitAccount(core: Core, call: Call, pod: KubeObject, spec: PodSpec): void {
  const name = spec.serviceAccountName ?? spec.serviceAccount ?? DEFAULT_ACCOUNT;
  spec.serviceAccountName = name === '' ? DEFAULT_ACCOUNT : name;
  spec.serviceAccount = spec.serviceAccountName;
  if (spec.serviceAccountName === DEFAULT_ACCOUNT) return;
  const key = `${call.namespace}/${spec.serviceAccountName}`;
  if (core.store.bucket('serviceaccounts').get(key) !== undefined) return;
  const why = `error looking up service account ${key}: serviceaccount ${JSON.stringify(spec.serviceAccountName)} not found`;
  throw forbidden(call.row, pod.metadata.name || (pod.metadata.generateName ?? ''), why);
}

function admitTolerations(spec: PodSpec): void {
  const tolerations = spec.tolerations ?? [];
  for (const key of NODE_TAINTS) {
    const tolerated = tolerations.some(
      (each) =>
        (each.key === key || each.key === undefined || each.key === '') &&
        (each.effect === undefined || each.effect === '' || each.effect === 'NoExecute'),
    );
    if (tolerated) continue;
    tolerations.push({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: EVICTED_AFTER_SECONDS,
    });
  }
  spec.tolerations = tolerations;
}

function admitPriority(core: Core, call: Call, pod: KubeObject, spec: PodSpec): void {
  const className = spec.priorityClassName ?? '';
  let priority = 0;
  let preemption = 'PreemptLowerPriority';
  if (className !== '') {
    const found = core.store.bucket('scheduling.k8s.io/priorityclasses').get(className);
    if (found === undefined) {
      throw forbidden(
        call.row,
        pod.metadata.name || (pod.metadata.generateName ?? ''),
        `no PriorityClass with name ${className} was found`,
      );
    }
    priority = Number(found['value']);
    if (typeof found['preemptionPolicy'] === 'string') preemption = found['preemptionPolicy'];
  }
  if (spec.priority !== undefined && spec.priority !== priority) {
    const computed = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
    throw forbidden(call.row, pod.metadata.name || (pod.metadata.generateName ?? ''), computed);
  }
  spec.priority = priority;
  spec.preemptionPolicy ??= preemption;
}
