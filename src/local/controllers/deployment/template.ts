import type { PodTemplateSpec, ReplicaSet } from '../../objects/index.js';
import { canonicalJson } from '../write.js';

export const HASH_LABEL = 'pod-template-hash';

/** Letters and digits without vowels and look-alikes, as k8s.io/apimachinery/pkg/util/rand has them. */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A name-safe FNV-1a hash of the template. As in Kubernetes it changes with any field of the template and with the
 * collision count; the value itself differs from Go's, which hashes a dump of its structs.
 */
export function templateHash(template: PodTemplateSpec, collisionCount = 0): string {
  const text = `${canonicalJson(withoutHash(template))}#${collisionCount}`;
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length]).join('');
}

/** Whether two templates are the same but for the hash label. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b));
}

/** The oldest ReplicaSet that runs the template: the one the Deployment is, or will be, rolled out to. */
export function findNewReplicaSet(
  template: PodTemplateSpec,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return [...sets].sort(byCreation).find((set) => sameTemplate(set.spec.template, template));
}

/** Oldest first; of one second, by name. */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const left = a.metadata.creationTimestamp ?? '';
  const right = b.metadata.creationTimestamp ?? '';
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function withoutHash(template: PodTemplateSpec): unknown {
  const labels = { ...template.metadata?.labels };
  delete labels[HASH_LABEL];
  const metadata: Record<string, unknown> = { ...template.metadata, labels };
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) delete metadata[key];
  }
  return { ...template, metadata };
}
