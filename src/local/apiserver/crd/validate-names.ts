/** Group, scope, names and versions of a definition. Source: apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import { equalJson } from '../json.js';
import type { FieldError } from '../status.js';
import { invalid, notSupported, required } from '../schema/field-errors.js';
import { dns1035Label, dnsSubdomain } from '../validation/names.js';
import type { Definition, DefinitionNames, DefinitionVersion } from './definition.js';

export function validateGroup(definition: Definition): FieldError[] {
  const { group } = definition.spec;
  if (group === undefined || group === '') return [required('spec.group')];
  const errors = dnsSubdomain(group).map((problem) => invalid('spec.group', group, problem));
  if (errors.length > 0) return errors;
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

export function validateScope(definition: Definition): FieldError[] {
  const { scope } = definition.spec;
  if (scope === undefined || scope === '') return [required('spec.scope')];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

export function validateObjectName(definition: Definition): FieldError[] {
  const { name } = definition.metadata;
  const { group, names } = definition.spec;
  if (name === `${names.plural}.${group}`) return [];
  return [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function label(field: string, value: string): FieldError[] {
  return dns1035Label(value).map((problem) => invalid(field, value, problem));
}

function mixedCaseLabel(field: string, value: string): FieldError[] {
  return dns1035Label(value.toLowerCase()).map((problem) =>
    invalid(field, value, `may have mixed case, but should otherwise match: ${problem}`),
  );
}

export function validateNames(names: DefinitionNames, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { plural, singular, kind, listKind } = names;
  if (!plural) errors.push(required(`${path}.plural`));
  else errors.push(...label(`${path}.plural`, plural));
  if (singular) errors.push(...label(`${path}.singular`, singular));
  if (!kind) errors.push(required(`${path}.kind`));
  else errors.push(...mixedCaseLabel(`${path}.kind`, kind));
  if (!listKind) errors.push(required(`${path}.listKind`));
  else errors.push(...mixedCaseLabel(`${path}.listKind`, listKind));
  if (kind && kind === listKind) {
    errors.push(invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  }
  names.shortNames?.forEach((name, i) => errors.push(...label(`${path}.shortNames[${i}]`, name)));
  names.categories?.forEach((name, i) => errors.push(...label(`${path}.categories[${i}]`, name)));
  return errors;
}

/** A version as the server prints it: its internal struct, from which what all versions share has moved away. */
function printed(version: DefinitionVersion, all: readonly DefinitionVersion[]): unknown {
  const own = (attribute: keyof DefinitionVersion) => {
    const shared = all.every((other) => equalJson(other[attribute], version[attribute]));
    return shared ? null : (version[attribute] ?? null);
  };
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: own('schema'),
    Subresources: own('subresources'),
    AdditionalPrinterColumns: own('additionalPrinterColumns'),
    SelectableFields: own('selectableFields'),
  };
}

/** JSON in the order of the server's struct: unlike maps, it is not sorted. */
function invalidStruct(field: string, struct: unknown, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(struct)}: ${detail}`,
  };
}

export function validateVersions(definition: Definition): FieldError[] {
  const errors: FieldError[] = [];
  const { versions } = definition.spec;
  versions.forEach((version, i) => {
    errors.push(...label(`spec.versions[${i}].name`, version.name ?? ''));
    if (version.schema?.openAPIV3Schema === undefined) {
      errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
    }
    if (version.deprecationWarning !== undefined && version.deprecated !== true) {
      const field = `spec.versions[${i}].deprecationWarning`;
      errors.push(invalid(field, version.deprecationWarning, 'can only be set for deprecated versions'));
    }
  });
  const shown = versions.map((version) => printed(version, versions));
  const first = versions[0]?.name;
  if (first !== undefined) errors.push(...label('spec.version', first));
  if (new Set(versions.map((version) => version.name)).size < versions.length) {
    errors.push(invalidStruct('spec.versions', shown, 'must contain unique version names'));
  }
  if (versions.filter((version) => version.storage).length !== 1) {
    errors.push(
      invalidStruct('spec.versions', shown, 'must have exactly one version marked as storage version'),
    );
  }
  return errors;
}

export function validateStoredVersions(definition: Definition): FieldError[] {
  const stored = definition.status?.storedVersions ?? [];
  if (stored.length === 0) {
    return [invalid('status.storedVersions', null, 'must have at least one stored version')];
  }
  const errors: FieldError[] = [];
  const { versions } = definition.spec;
  const missing = new Map(stored.map((name, i) => [name, i]));
  for (const version of versions) {
    if (missing.delete(version.name) || !version.storage) continue;
    const detail = `must have the storage version ${version.name}`;
    errors.push(invalidStruct('status.storedVersions', printed(version, versions), detail));
  }
  for (const [name, i] of missing) {
    errors.push(invalid(`status.storedVersions[${i}]`, name, 'must appear in spec.versions'));
  }
  return errors;
}

export function validateConversion(definition: Definition): FieldError[] {
  const path = 'spec.conversion';
  const conversion = definition.spec.conversion;
  const strategy = conversion?.strategy ?? 'None';
  if (strategy !== 'None' && strategy !== 'Webhook') {
    return [notSupported(`${path}.strategy`, strategy, ['None', 'Webhook'])];
  }
  if (strategy === 'None') return [];
  const errors: FieldError[] = [];
  if (conversion?.webhook?.clientConfig === undefined) {
    errors.push(required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook'));
  }
  if ((conversion?.webhook?.conversionReviewVersions ?? []).length === 0) {
    errors.push(required(`${path}.conversionReviewVersions`));
  }
  return errors;
}

/** Groups of Kubernetes itself need an approval in the object. */
export function validateApproval(definition: Definition): FieldError[] {
  const { group } = definition.spec;
  const isProtected = /(^|\.)(k8s|kubernetes)\.io$/.test(group ?? '');
  if (!isProtected) return [];
  const field = 'metadata.annotations[api-approved.kubernetes.io]';
  const value = definition.metadata.annotations?.['api-approved.kubernetes.io'] ?? '';
  const proposal = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (value === '') {
    const detail = `protected groups must have approval annotation "api-approved.kubernetes.io", ${proposal}`;
    return [required(field, detail)];
  }
  if (value.startsWith('unapproved') || URL.canParse(value)) return [];
  const detail = `protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", ${proposal}`;
  return [invalid(field, value, detail)];
}
