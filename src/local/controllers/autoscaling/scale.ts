import { type Client, isNotFound, type ResourceType, resourcePath } from '../../../kube/index.js';
import type { Scale } from '../../objects/index.js';
import { requestJson } from '../../requests/index.js';

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/** A kind as a reference names it, found by discovery; undefined when the server has none with a scale. */
export async function scalableType(
  client: Client,
  reference: { apiVersion?: string; kind: string },
): Promise<ResourceType | undefined> {
  const [group = '', version = 'v1'] = (reference.apiVersion ?? 'v1').includes('/')
    ? (reference.apiVersion ?? '').split('/')
    : ['', reference.apiVersion];
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  try {
    const { resources } = await requestJson<ResourceList>(client, 'GET', path);
    const found = resources.find(({ name, kind }) => kind === reference.kind && !name.includes('/'));
    const scalable = resources.some(({ name }) => name === `${found?.name ?? ''}/scale`);
    if (found === undefined || !scalable) return undefined;
    return { group, version, kind: found.kind, plural: found.name, namespaced: found.namespaced };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The scale of what a reference names; undefined when there is none. */
export async function readScale(
  client: Client,
  namespace: string | undefined,
  reference: { apiVersion?: string; kind: string; name: string },
): Promise<Scale | undefined> {
  const type = await scalableType(client, reference);
  if (type === undefined) return undefined;
  try {
    const path = resourcePath(type, { namespace, name: reference.name, subresource: 'scale' });
    return await requestJson<Scale>(client, 'GET', path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function writeReplicas(
  client: Client,
  namespace: string | undefined,
  reference: { apiVersion?: string; kind: string; name: string },
  replicas: number,
): Promise<void> {
  const type = await scalableType(client, reference);
  if (type === undefined) return;
  const body = { spec: { replicas } };
  await client.patch(type, { namespace, name: reference.name }, body, {
    type: 'merge',
    subresource: 'scale',
  });
}
