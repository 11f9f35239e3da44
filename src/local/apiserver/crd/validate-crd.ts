/**
 * Validation of CustomResourceDefinitions.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go. The server validates an internal
 * form in which what all versions share stands at spec (spec.validation, spec.subresources, …): so do its paths.
 */
import type { KubeObject } from '../../../kube/index.js';
import { equalJson } from '../json.js';
import { invalid } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { type Definition, type DefinitionVersion, isEstablished } from './definition.js';
import {
  validateApproval,
  validateConversion,
  validateGroup,
  validateNames,
  validateObjectName,
  validateScope,
  validateStoredVersions,
  validateVersions,
} from './validate-names.js';
import { unknownFormats } from './formats.js';
import { validateRules } from './validate-rules.js';
import { validateDefinitionSchema } from './validate-schema.js';
import { validateColumns, validateSelectableFields, validateSubresources } from './validate-subresources.js';

/** Every error of a definition, as created or (with `old`) as updated. */
export function validateCrd(object: KubeObject, oldObject?: KubeObject): FieldError[] {
  const definition = object as Definition;
  const old = oldObject as Definition | undefined;
  const errors = [
    ...validateObjectName(definition),
    ...validateGroup(definition),
    ...validateScope(definition),
    ...validateVersions(definition),
    ...validateParts(definition),
    ...validateNames(definition.spec.names, 'spec.names'),
    ...validateConversion(definition),
    ...validateStoredVersions(definition),
    ...validateApproval(definition),
  ];
  if (definition.spec.preserveUnknownFields === true && old?.spec.preserveUnknownFields !== true) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(invalid('spec.preserveUnknownFields', true, detail));
  }
  return old === undefined ? errors : [...errors, ...validateImmutable(definition, old)];
}

/** `unrecognized format "x"`: what a definition's author is warned of. */
export function crdWarnings(object: KubeObject): string[] {
  return (object as Definition).spec.versions.flatMap((version) => {
    const schema = version.schema?.openAPIV3Schema;
    return schema === undefined ? [] : unknownFormats(schema);
  });
}

function validateImmutable(definition: Definition, old: Definition): FieldError[] {
  const fixed: [string, unknown, unknown][] = [
    ['spec.group', definition.spec.group, old.spec.group],
    ['spec.names.plural', definition.spec.names.plural, old.spec.names.plural],
  ];
  if (isEstablished(old)) {
    fixed.push(
      ['spec.scope', definition.spec.scope, old.spec.scope],
      ['spec.names.kind', definition.spec.names.kind, old.spec.names.kind],
    );
  }
  return fixed
    .filter(([, value, before]) => value !== before)
    .map(([field, value]) => invalid(field, value, 'field is immutable'));
}

/** Where an attribute of version `i` stands in the server's internal form. */
function pathOf(definition: Definition, i: number, attribute: keyof DefinitionVersion): string {
  const [first, ...rest] = definition.spec.versions;
  const shared = rest.every((version) => equalJson(version[attribute], first?.[attribute]));
  if (attribute === 'schema') {
    return shared ? 'spec.validation.openAPIV3Schema' : `spec.versions[${i}].schema.openAPIV3Schema`;
  }
  return shared ? `spec.${attribute}` : `spec.versions[${i}].${attribute}`;
}

function validateParts(definition: Definition): FieldError[] {
  const errors: FieldError[] = [];
  const done = new Set<string>();
  /** What all versions share is judged once. */
  const once = (i: number, attribute: keyof DefinitionVersion, judge: (path: string) => FieldError[]) => {
    const path = pathOf(definition, i, attribute);
    if (done.has(path)) return;
    done.add(path);
    errors.push(...judge(path));
  };
  definition.spec.versions.forEach((version, i) => {
    const schema = version.schema?.openAPIV3Schema;
    if (schema !== undefined) {
      once(i, 'schema', (path) => {
        const found = validateDefinitionSchema(schema, path);
        return found.length > 0 ? found : validateRules(schema, path);
      });
    }
    once(i, 'subresources', (path) => validateSubresources(version, path));
    once(i, 'additionalPrinterColumns', (path) => validateColumns(version.additionalPrinterColumns, path));
    once(i, 'selectableFields', (path) => validateSelectableFields(version, schema, path));
  });
  return errors;
}
