import { FIELD_MANAGER } from '../api/index.js';
import {
  ApiError,
  apiVersionOf,
  type Client,
  type KubeObject,
  resourcePath,
  resourceTypes,
} from '../kube/index.js';
import type { ObservedDeployment } from './plan/observed.js';

const HEIR = `${FIELD_MANAGER}-replicas`;

/**
 * Gives `spec.replicas` of a Deployment to another field manager, before an apply that leaves it to a
 * HorizontalPodAutoscaler. Without a second owner the API server would reset the field to its default and with it stop
 * all pods but one. (Kubernetes documentation, Server-Side Apply, "Transferring ownership".)
 */
export async function handOverReplicas(client: Client, deployment: KubeObject): Promise<void> {
  const { name, namespace } = deployment.metadata;
  const type = resourceTypes.deployments;
  const replicas = (deployment as ObservedDeployment).spec?.replicas;
  const response = await client.raw({
    method: 'PATCH',
    path: `${resourcePath(type, { namespace, name })}?fieldManager=${HEIR}&force=true`,
    headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
    body: JSON.stringify({
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { name, namespace },
      spec: { replicas },
    }),
  });
  // The body is read to the end, so that the connection can be used again.
  for await (const chunk of response.body) void chunk;
  if (response.status >= 300) {
    throw new ApiError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      code: response.status,
      message: `handing over spec.replicas of Deployment ${name} failed with ${response.status}`,
    });
  }
}
