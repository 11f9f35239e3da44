/** The rows a CustomResourceDefinition adds to the table of kinds: one for each served version. */
import type { KubeObject } from '../../../kube/index.js';
import { cloneJson } from '../json.js';
import type { KindRow, ScalePaths, Verb } from '../kinds/kind.js';
import { applyDefaults, type Schema } from '../schema/index.js';
import { type Definition, type DefinitionVersion, isEstablished } from './definition.js';
import { isTerminating } from './lifecycle.js';

/** In the order discovery lists them. */
const VERBS: readonly Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

/** None before the definition is established. */
export function kindsOfCrd(definition: Definition): KindRow[] {
  if (!isEstablished(definition)) return [];
  return definition.spec.versions
    .filter((version) => version.served)
    .map((version) => kindOfVersion(definition, version));
}

function scaleOf(version: DefinitionVersion): ScalePaths | undefined {
  const scale = version.subresources?.scale;
  if (scale?.specReplicasPath === undefined || scale.statusReplicasPath === undefined) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return {
    specReplicasPath,
    statusReplicasPath,
    ...(labelSelectorPath === undefined ? {} : { labelSelectorPath }),
  };
}

function kindOfVersion(definition: Definition, version: DefinitionVersion): KindRow {
  const { group, scope } = definition.spec;
  const names = definition.status?.acceptedNames ?? definition.spec.names;
  const scale = scaleOf(version);
  const hasStatus = version.subresources?.status !== undefined;
  const schema: Schema = version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true };
  const storage = definition.spec.versions.find((one) => one.storage)?.name ?? version.name;
  const apiVersion = `${group}/${version.name}`;
  return {
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    namespaced: scope === 'Namespaced',
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs: VERBS,
    storageKey: `${group}/${names.plural}`,
    status: hasStatus,
    ...(scale === undefined ? {} : { scale }),
    otherSubresources: [],
    generation: hasStatus ? 'spec' : 'all',
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) =>
      (jsonPath ?? '').replace(/^\./, ''),
    ),
    schema: () => schema,
    ...(version.additionalPrinterColumns === undefined ? {} : { columns: version.additionalPrinterColumns }),
    custom: {
      definition: definition.metadata.name,
      storageVersion: storage,
      preserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] === true,
      ...(version.deprecated === true ? { deprecationWarning: deprecation(definition, version) } : {}),
      terminating: isTerminating(definition),
    },
    readDefaults: (object) => withDefaults(schema, apiVersion, object),
  };
}

function withDefaults(schema: Schema, apiVersion: string, object: KubeObject): KubeObject {
  const copy = { ...cloneJson(object), apiVersion };
  applyDefaults(schema, copy);
  return copy;
}

function deprecation(definition: Definition, version: DefinitionVersion): string {
  const { group, names } = definition.spec;
  return version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated`;
}
