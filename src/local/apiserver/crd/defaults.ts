/** What the server fills into a CustomResourceDefinition. Source: apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go. */
import { isObject } from '../json.js';
import type { KubeObject } from '../../../kube/index.js';
import type { Definition, DefinitionNames } from './definition.js';

const OPTIONAL_NAME_LISTS = ['shortNames', 'categories'] as const;

/**
 * Fills in names, conversion and the initial status where they stand; what is empty is left out as Go's encoder does.
 * Bodies of the wrong shape are left for validation.
 */
export function defaultCrd(object: KubeObject): void {
  if (!isObject(object['spec'])) object['spec'] = {};
  const definition = object as Definition;
  const { spec } = definition;
  if (!isObject(spec.names)) spec.names = { plural: '', kind: '' };
  if (!Array.isArray(spec.versions)) spec.versions = [];
  defaultNames(spec.names);
  spec.conversion ??= { strategy: 'None' };
  spec.conversion.strategy ??= 'None';
  if (spec.preserveUnknownFields === false) delete spec.preserveUnknownFields;
  for (const version of spec.versions) {
    if (!isObject(version)) continue;
    version.served ??= false;
    version.storage ??= false;
  }
}

function defaultNames(names: DefinitionNames): void {
  if (typeof names.kind === 'string' && names.kind !== '') {
    names.singular ??= names.kind.toLowerCase();
    names.listKind ??= `${names.kind}List`;
  }
  for (const list of OPTIONAL_NAME_LISTS) if (names[list]?.length === 0) delete names[list];
}

/** The status of a definition that was just created: no name is accepted yet. */
export function initialStatus(definition: Definition): NonNullable<Definition['status']> {
  const storage = definition.spec.versions
    .filter((version) => version.storage)
    .map((version) => version.name);
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    ...(storage.length === 0 ? {} : { storedVersions: storage.slice(0, 1) }),
  };
}
