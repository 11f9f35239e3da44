import {
  createController,
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  type KubeObject,
  resourceTypes,
} from '../../../kube/index.js';
import type { Namespace } from '../../objects/index.js';
import type { ControllerContext, Runner } from '../context.js';

const WORKERS = 1;
const NAME = 'default';

/** Makes sure that every living namespace has its `default` ServiceAccount. */
export function createServiceAccountController(context: ControllerContext): Runner {
  const { client, informers } = context;
  const namespaces = informers.of<Namespace>(resourceTypes.namespaces);
  const accounts = informers.of<KubeObject>(resourceTypes.serviceAccounts);

  const controller = createController({
    ...context,
    name: 'serviceaccount',
    workers: WORKERS,
    async reconcile(namespace) {
      const living = namespaces.store.get(namespace);
      if (living === undefined || living.metadata.deletionTimestamp !== undefined) return;
      if (accounts.store.get(`${namespace}/${NAME}`) !== undefined) return;
      const account: KubeObject = {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: NAME, namespace },
      };
      try {
        await client.create(resourceTypes.serviceAccounts, account);
      } catch (error) {
        if (isAlreadyExists(error) || isNotFound(error) || isNamespaceTerminating(error)) return;
        throw error;
      }
    },
  });

  namespaces.subscribe(({ object }) => controller.enqueue(object.metadata.name));
  accounts.subscribe(({ kind, object }) => {
    if (kind === 'deleted' && object.metadata.name === NAME) {
      controller.enqueue(object.metadata.namespace ?? '');
    }
  });
  return controller;
}
