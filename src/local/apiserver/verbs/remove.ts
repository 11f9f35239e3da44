import type { KubeObject } from '../../../kube/index.js';
import type { KindRow } from '../kinds/kind.js';
import type { Core } from './call.js';

/** Takes an object out of the store; whoever watches sees it DELETED. */
export function removeObject(core: Core, row: KindRow, key: string): KubeObject | undefined {
  const gone = core.store.remove(row.storageKey, key);
  if (gone !== undefined) core.committed(row, gone, true);
  return gone;
}
