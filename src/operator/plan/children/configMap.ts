import { CONFIG_FILE } from '../../../api/index.js';
import { resourceTypes } from '../../../kube/index.js';
import { canonicalJson, hashOf } from '../canonical.js';
import { type Child, makeChild, type Subject } from './child.js';
import { servingConfigOf } from './servingConfig.js';

/**
 * The serving configuration. Its name holds its hash, and it is immutable: pods of the version before keep theirs, so
 * one that restarts in the middle of a rollout comes back as what it was.
 */
export function configMap(subject: Subject): Child {
  const config = servingConfigOf(subject.declared.spec);
  return makeChild(
    subject,
    resourceTypes.configMaps,
    { immutable: true, data: { [CONFIG_FILE]: `${canonicalJson(config, 2)}\n` } },
    configMapName(subject),
  );
}

export function configMapName(subject: Subject): string {
  return `${subject.name}-${configHash(subject).slice(0, 10)}`;
}

export function configHash(subject: Subject): string {
  return hashOf(servingConfigOf(subject.declared.spec));
}
