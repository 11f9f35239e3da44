/** POST of pods/eviction: a deletion that asks the pod's disruption budgets first. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject } from '../json.js';
import { builtinSchema } from '../schema/index.js';
import { failure, notFound } from '../status.js';
import { type Answer, type Call, type Core, keyOf } from './call.js';
import { decodeObject } from './decode.js';
import { type Target } from './target.js';
import { deleteStored } from './delete.js';

const EVICTION: Target = {
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  custom: false,
  schema: () => builtinSchema('policy', 'v1', 'Eviction'),
};

interface BudgetSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

/** Throws 404 and, where a budget says no, 429. */
export function evictPod(core: Core, call: Call): Answer {
  const eviction = decodeObject(call, EVICTION, core.kinds, 'Ignore');
  const pod = core.store.bucket('pods').get(keyOf(call));
  if (pod === undefined) throw notFound(call.row, call.name);
  const exhausted = budgetsOf(core, pod).find((budget) => allowed(budget) <= 0);
  if (exhausted !== undefined) throw tooManyDisruptions(exhausted.metadata.name);
  const options = isObject(eviction['deleteOptions']) ? eviction['deleteOptions'] : {};
  const grace = options['gracePeriodSeconds'];
  deleteStored(core, call.row, pod, {
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    propagationPolicy: undefined,
    dryRun: call.query.has('dryRun'),
    preconditions: {},
  });
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;
  return { kind: 'status', code: 201, status };
}

function budgetsOf(core: Core, pod: KubeObject): KubeObject[] {
  const labels = pod.metadata.labels ?? {};
  return core.store
    .bucket('policy/poddisruptionbudgets')
    .list()
    .filter((budget) => {
      const wanted = Object.entries((budget['spec'] as BudgetSpec | undefined)?.selector?.matchLabels ?? {});
      const sameNamespace = budget.metadata.namespace === pod.metadata.namespace;
      return sameNamespace && wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
    });
}

function allowed(budget: KubeObject): number {
  const status = budget['status'];
  const number = isObject(status) ? status['disruptionsAllowed'] : undefined;
  return typeof number === 'number' ? number : 0;
}

function tooManyDisruptions(budget: string) {
  return failure({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budget} does not allow another disruption now`,
        },
      ],
    },
  });
}
