/** Brings YAML manifests into a cluster. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadAll } from 'js-yaml';
import { problem, ProblemError } from '../../base/index.js';
import {
  type Client,
  isAlreadyExists,
  isOfType,
  type KubeObject,
  type ResourceType,
  resourceTypes,
} from '../../kube/index.js';
import { modelDeployments } from '../../operator/index.js';

const KNOWN_TYPES: readonly ResourceType[] = [modelDeployments, ...Object.values(resourceTypes)];

function typeOf(object: KubeObject): ResourceType {
  const type = KNOWN_TYPES.find((candidate) => isOfType(object, candidate));
  if (type !== undefined) return type;
  throw new ProblemError(
    problem('UnknownKind', `${object.apiVersion} ${object.kind}`, 'not a kind that is installed here'),
  );
}

export async function readManifests(file: string): Promise<KubeObject[]> {
  return (loadAll(await readFile(file, 'utf8')) as (KubeObject | null)[]).filter((object) => object !== null);
}

/** The manifests of every YAML file of a folder, by file name. */
export async function readManifestFolder(folder: string): Promise<KubeObject[]> {
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).sort();
  return (await Promise.all(files.map((file) => readManifests(path.join(folder, file))))).flat();
}

/** Server-side apply: what belongs to the program itself follows the program. */
export async function applyManifests(client: Client, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await client.apply(typeOf(object), object, { force: true });
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** As `kubectl create --save-config`, so that a later `kubectl apply` of the edited file knows what it replaces. */
export async function createManifests(client: Client, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const type = typeOf(object);
    const namespace = type.namespaced ? { namespace: object.metadata.namespace ?? 'default' } : {};
    const metadata = { ...object.metadata, ...namespace };
    const applied = JSON.stringify({ ...object, metadata: { annotations: {}, ...metadata } });
    const annotations = { ...metadata.annotations, [LAST_APPLIED]: `${applied}\n` };
    await client
      .create(type, { ...object, metadata: { ...metadata, annotations } })
      .catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
  }
}
