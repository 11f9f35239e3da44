import { ANNOTATIONS } from '../../api/index.js';
import type { KubeObject } from '../../kube/index.js';
import type { Child } from './children/child.js';
import { contains } from './contains.js';
import { childKey, type Observed } from './observed.js';

/** What has to be done to the cluster; nothing at all for an idle ModelDeployment. */
export interface Difference {
  readonly apply: readonly Child[];
  readonly remove: readonly KubeObject[];
}

export const NO_DIFFERENCE: Difference = { apply: [], remove: [] };

/**
 * Compares what is wanted with what is there. A child is applied when another version of it was wanted last time, or
 * when somebody has changed it since.
 *
 * @param settled whether every pod runs what is wanted, so that nothing uses the configuration before any more
 */
export function differenceOf(children: readonly Child[], observed: Observed, settled: boolean): Difference {
  const wanted = new Set(children.map(({ object }) => childKey(object)));
  return {
    apply: children.filter(({ object }) => differs(observed.children.get(childKey(object)), object)),
    remove: [...observed.children.values()].filter(
      (child) =>
        !wanted.has(childKey(child)) &&
        child.metadata.deletionTimestamp === undefined &&
        (settled || child.kind !== 'ConfigMap'),
    ),
  };
}

function differs(observed: KubeObject | undefined, wanted: KubeObject): boolean {
  const hash = wanted.metadata.annotations?.[ANNOTATIONS.wanted];
  return observed?.metadata.annotations?.[ANNOTATIONS.wanted] !== hash || !contains(observed, wanted);
}
