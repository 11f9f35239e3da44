import { type Client, type KubeObject, type ResourceType } from '../../kube/index.js';
import type { LabelSelector } from '../objects/index.js';
import { adoptionPatch, claim, releasePatch } from './claim.js';

/** Whose objects, by which selector, and how to read the owner anew. */
export interface Owner {
  readonly object: KubeObject;
  readonly type: ResourceType;
  readonly selector: LabelSelector;
}

/**
 * The candidates that belong to the owner, after it adopted the fitting ones without a controller and let go of those
 * its selector no longer matches. It adopts only after the live API confirmed that it exists and is not being deleted.
 */
export async function claimObjects<T extends KubeObject>(
  client: Client,
  owner: Owner,
  type: ResourceType,
  candidates: readonly T[],
): Promise<T[]> {
  const { owned, adopt, release } = claim(owner.object, owner.selector, candidates);
  const mine = [...owned];
  if (adopt.length > 0 && (await isStillThere(client, owner))) {
    for (const object of adopt) {
      mine.push(await patchReferences(client, type, object, adoptionPatch(owner.object, object)));
    }
  }
  const uid = owner.object.metadata.uid ?? '';
  for (const object of release) await patchReferences(client, type, object, releasePatch(object, [uid]));
  return mine;
}

async function isStillThere(client: Client, { object, type }: Owner): Promise<boolean> {
  const { namespace, name, uid } = object.metadata;
  const live = await client.get(type, { namespace, name });
  return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined;
}

function patchReferences<T extends KubeObject>(
  client: Client,
  type: ResourceType,
  object: T,
  body: Record<string, unknown>,
): Promise<T> {
  const { namespace, name } = object.metadata;
  return client.patch<T>(type, { namespace, name }, body, { type: 'merge' });
}
