import {
  ANNOTATIONS,
  API_VERSION,
  COMPONENT,
  KIND,
  LABELS,
  MANAGED_BY,
  type ModelDeployment,
  STABLE_TRACK,
} from '../../../api/index.js';
import {
  apiVersionOf,
  type KubeObject,
  type OwnerReference,
  type ResourceType,
} from '../../../kube/index.js';
import { hashOf } from '../canonical.js';

/** An object the operator wants, complete as it is applied. */
export interface Child {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** The ModelDeployment with the facts every builder needs. */
export interface Subject {
  readonly declared: ModelDeployment;
  readonly name: string;
  readonly namespace: string;
}

export function subjectOf(declared: ModelDeployment): Subject {
  return { declared, name: declared.metadata.name, namespace: declared.metadata.namespace ?? 'default' };
}

/** Labels by which the pods of the stable Deployment are selected. Immutable in a Deployment: never add to them. */
export function selectorLabels(name: string): Record<string, string> {
  return { [LABELS.modelDeployment]: name, [LABELS.track]: STABLE_TRACK };
}

export function commonLabels(name: string): Record<string, string> {
  return {
    [LABELS.modelDeployment]: name,
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.component]: COMPONENT,
    [LABELS.instance]: name,
  };
}

/**
 * A child with its owner, labels and the hash of all that is wanted of it.
 *
 * @param body the fields beside apiVersion, kind and metadata
 */
export function makeChild(
  subject: Subject,
  type: ResourceType,
  body: Readonly<Record<string, unknown>>,
  name: string = subject.name,
): Child {
  const wanted = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      namespace: subject.namespace,
      labels: commonLabels(subject.name),
      ownerReferences: [ownerReference(subject.declared)],
    },
    ...body,
  };
  const annotations = { [ANNOTATIONS.wanted]: hashOf(wanted) };
  return { type, object: { ...wanted, metadata: { ...wanted.metadata, annotations } } };
}

function ownerReference(declared: ModelDeployment): OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    name: declared.metadata.name,
    uid: declared.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
