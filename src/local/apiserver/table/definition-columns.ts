/** Columns of CustomResourceDefinitions. */
import type { KubeObject } from '../../../kube/index.js';
import { column, CREATED_AT, NAME, type ColumnSpec } from './column.js';
import { objects, part, text, texts } from './read.js';

const wide = { wide: true };

const CUSTOM_RESOURCE_DEFINITION: readonly ColumnSpec[] = [
  NAME,
  column('Scope', (o) => text(part(o, 'spec'), 'scope')),
  column('Versions', servedVersions),
  CREATED_AT,
  column('Group', (o) => text(part(o, 'spec'), 'group'), wide),
  column('Kind', (o) => text(part(o, 'spec.names'), 'kind'), wide),
  column('ShortNames', (o) => texts(part(o, 'spec.names'), 'shortNames').join(','), wide),
  column('Established', isEstablished, { type: 'boolean', wide: true }),
];

/** `v1(storage),v1beta1`: what clients may ask for. */
function servedVersions(definition: KubeObject): string {
  return objects(part(definition, 'spec'), 'versions')
    .filter((version) => version['served'] === true)
    .map((version) => `${text(version, 'name')}${version['storage'] === true ? '(storage)' : ''}`)
    .join(',');
}

function isEstablished(definition: KubeObject): boolean {
  return objects(part(definition, 'status'), 'conditions').some(
    (condition) => condition['type'] === 'Established' && condition['status'] === 'True',
  );
}

export const DEFINITION_COLUMNS: Readonly<Record<string, readonly ColumnSpec[]>> = {
  CustomResourceDefinition: CUSTOM_RESOURCE_DEFINITION,
};
