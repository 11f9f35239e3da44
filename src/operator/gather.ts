import { objectKey } from '../kube/index.js';
import {
  BY_CONTROLLER,
  BY_MODEL_DEPLOYMENT,
  type Informers,
  type StoredModelDeployment,
} from './informers.js';
import { childKey, type Observed } from './plan/observed.js';

/** What the stores hold of a ModelDeployment: no API call. */
export function gather(informers: Informers, declared: StoredModelDeployment): Observed {
  const uid = declared.metadata.uid ?? '';
  const children = informers.children.flatMap(({ store }) => store.byIndex(BY_CONTROLLER, uid));
  return {
    children: new Map(children.map((child) => [childKey(child), child])),
    pods: informers.pods.store.byIndex(BY_MODEL_DEPLOYMENT, objectKey(declared)),
  };
}
