import type { Client, ResourceType } from '../../../kube/index.js';
import { requestJson } from '../../requests/index.js';

interface GroupList {
  groups: { name: string; versions: { version: string }[]; preferredVersion: { version: string } }[];
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

/** What a garbage collector can work with: kinds that can be listed, watched and deleted. */
const NEEDED_VERBS = ['list', 'watch', 'delete'];

/**
 * Every kind the server has now that can be listed, watched and deleted, each in one version only: in the group's
 * preferred one where it is served there. Events are left out: nothing owns by them, and there are many.
 */
export async function discoverResources(client: Client): Promise<ResourceType[]> {
  const found = new Map<string, ResourceType>();
  const add = (group: string, version: string, list: ResourceList): void => {
    for (const { name, kind, namespaced, verbs } of list.resources) {
      const key = `${group}/${name}`;
      const usable = NEEDED_VERBS.every((verb) => verbs.includes(verb)) && !name.includes('/');
      if (usable && name !== 'events' && !found.has(key)) {
        found.set(key, { group, version, kind, plural: name, namespaced });
      }
    }
  };
  add('', 'v1', await requestJson<ResourceList>(client, 'GET', '/api/v1'));
  const { groups } = await requestJson<GroupList>(client, 'GET', '/apis');
  for (const { name, versions, preferredVersion } of groups) {
    const others = versions.filter(({ version }) => version !== preferredVersion.version);
    for (const { version } of [preferredVersion, ...others]) {
      add(name, version, await requestJson<ResourceList>(client, 'GET', `/apis/${name}/${version}`));
    }
  }
  return [...found.values()];
}
