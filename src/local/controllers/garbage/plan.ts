import type { KubeObject, OwnerReference } from '../../../kube/index.js';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** What the live API said about an owner: `gone` (404 or another uid), `waiting` (ends in the foreground), or `solid`. */
export type OwnerState = 'gone' | 'waiting' | 'solid';

export interface ObservedObject {
  readonly object: KubeObject;
  /** By uid of the owner. */
  readonly owners: ReadonlyMap<string, OwnerState>;
  /** Objects that refer to this one. */
  readonly dependents: readonly KubeObject[];
}

export type GarbageAction =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'delete'; readonly policy: 'Background' | 'Foreground' | 'Orphan' }
  /** Take away the references to these owners. */
  | { readonly kind: 'unreference'; readonly uids: readonly string[] }
  | { readonly kind: 'removeFinalizer'; readonly finalizer: string }
  /** Let go of these dependents, then remove the orphan finalizer. */
  | { readonly kind: 'orphan'; readonly dependents: readonly KubeObject[] }
  /** Dependents still block: delete them; they bring this object back when they are gone. */
  | { readonly kind: 'deleteDependents'; readonly dependents: readonly KubeObject[] };

/** What to do with one object, by the rules of k8s.io/kubernetes/pkg/controller/garbagecollector. */
export function planGarbage({ object, owners, dependents }: ObservedObject): GarbageAction {
  const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
  if (deletionTimestamp !== undefined) {
    if (finalizers.includes(ORPHAN)) return { kind: 'orphan', dependents };
    if (finalizers.includes(FOREGROUND)) return planForeground(object, dependents);
    return { kind: 'nothing' };
  }
  if (ownerReferences.length === 0) return { kind: 'nothing' };
  const stateOf = (reference: OwnerReference) => owners.get(reference.uid) ?? 'solid';
  const lost = ownerReferences.filter((reference) => stateOf(reference) !== 'solid');
  if (lost.length === 0) return { kind: 'nothing' };
  if (lost.length < ownerReferences.length) {
    return { kind: 'unreference', uids: lost.map(({ uid }) => uid) };
  }
  const waits = lost.some((reference) => stateOf(reference) === 'waiting');
  if (waits && dependents.length > 0) return { kind: 'delete', policy: 'Foreground' };
  return { kind: 'delete', policy: policyOf(finalizers) };
}

function policyOf(finalizers: readonly string[]): 'Background' | 'Foreground' | 'Orphan' {
  if (finalizers.includes(ORPHAN)) return 'Orphan';
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
}

function planForeground(object: KubeObject, dependents: readonly KubeObject[]): GarbageAction {
  const blocking = dependents.filter((dependent) =>
    (dependent.metadata.ownerReferences ?? []).some(
      ({ uid, blockOwnerDeletion }) => uid === object.metadata.uid && blockOwnerDeletion === true,
    ),
  );
  if (blocking.length === 0) return { kind: 'removeFinalizer', finalizer: FOREGROUND };
  return { kind: 'deleteDependents', dependents: blocking };
}
