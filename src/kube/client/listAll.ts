import { isGone } from '../apiError.js';
import type { KubeList, KubeObject, ResourceType } from '../object.js';
import type { Client, ListOptions } from './contract.js';

/** As in client-go. */
const PAGE_SIZE = 500;

/**
 * All objects as of one version, read page by page. When a page's token expires on the way, everything is read again
 * in one answer (as client-go's pager does), since a mix of two versions is no list.
 */
export async function listAll<T extends KubeObject>(
  client: Client,
  type: ResourceType,
  options: Omit<ListOptions, 'limit' | 'continue' | 'resourceVersion'> & { readonly pageSize?: number } = {},
): Promise<KubeList<T>> {
  const { pageSize = PAGE_SIZE, ...selection } = options;
  const first = await client.list<T>(type, { ...selection, limit: pageSize });
  const items = first.items;
  let token = first.metadata.continue;
  while (token !== undefined && token !== '') {
    try {
      const page = await client.list<T>(type, { ...selection, limit: pageSize, continue: token });
      for (const item of page.items) items.push(item);
      token = page.metadata.continue;
    } catch (error) {
      if (!isGone(error)) throw error;
      return client.list<T>(type, selection);
    }
  }
  const { resourceVersion } = first.metadata;
  return { ...first, items, metadata: resourceVersion === undefined ? {} : { resourceVersion } };
}
