import { type Client, isNotFound, type KubeObject } from '../../kube/index.js';
import type { Write } from './write.js';

/**
 * Sends the writes in order and stops at the first refusal, which it throws: the key comes back with backoff and is
 * decided anew. What is to be deleted and is gone already counts as done.
 */
export async function applyWrites(client: Client, writes: readonly Write[]): Promise<void> {
  for (const write of writes) await applyWrite(client, write);
}

export async function applyWrite(client: Client, write: Write): Promise<void> {
  switch (write.verb) {
    case 'create':
      await client.create(write.type, write.object as KubeObject);
      return;
    case 'update':
      await client.update(write.type, write.object);
      return;
    case 'patch': {
      const { namespace, name, subresource } = write;
      await client.patch(write.type, { namespace, name }, write.body, { type: 'merge', subresource });
      return;
    }
    case 'delete': {
      const { namespace, name, uid } = write;
      const preconditions = uid === undefined ? undefined : { uid };
      try {
        await client.delete(
          write.type,
          { namespace, name },
          { propagationPolicy: 'Background', preconditions },
        );
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}
