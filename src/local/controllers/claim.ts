import { controllerOf, type KubeObject, type OwnerReference } from '../../kube/index.js';
import { controllerReference, type LabelSelector, selectorMatches } from '../objects/index.js';

export interface Claim<T> {
  /** Owned and selected. */
  readonly owned: readonly T[];
  /** Selected, without a controller: to be adopted. */
  readonly adopt: readonly T[];
  /** Owned, no longer selected: to be released. */
  readonly release: readonly T[];
}

/**
 * Sorts candidates as Kubernetes' ControllerRefManager does. An owner being deleted adopts and releases nothing, and an
 * object being deleted is not adopted.
 */
export function claim<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector,
  candidates: readonly T[],
): Claim<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const ending = owner.metadata.deletionTimestamp !== undefined;
  for (const candidate of candidates) {
    const selected = selectorMatches(selector, candidate.metadata.labels);
    const controller = controllerOf(candidate);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (selected) owned.push(candidate);
      else if (!ending) release.push(candidate);
    } else if (selected && !ending && candidate.metadata.deletionTimestamp === undefined) {
      adopt.push(candidate);
    }
  }
  return { owned, adopt, release };
}

/** Merge patch that adds the owner as controller; it fails with a conflict when the object has changed meanwhile. */
export function adoptionPatch(owner: KubeObject, object: KubeObject): Record<string, unknown> {
  const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
  return referencesPatch(object, [...others, controllerReference(owner)]);
}

/** Merge patch that takes away the references to `uids`. */
export function releasePatch(object: KubeObject, uids: readonly string[]): Record<string, unknown> {
  const left = (object.metadata.ownerReferences ?? []).filter(({ uid }) => !uids.includes(uid));
  return referencesPatch(object, left);
}

function referencesPatch(object: KubeObject, references: readonly OwnerReference[]): Record<string, unknown> {
  const { uid, resourceVersion } = object.metadata;
  return {
    metadata: { uid, resourceVersion, ownerReferences: references.length === 0 ? null : references },
  };
}
