/** Named formats of Kubernetes texts. Source: k8s.io/apiserver/pkg/cel/library/format.go. */
import { type Environment, Optional } from '@marcbachmann/cel-js';
import { matchesFormat } from '../../schema/formats.js';
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  labelValue,
  type NameRule,
  qualifiedName,
} from '../../validation/names.js';

const TYPE = 'kubernetes.NamedFormat';

class NamedFormat {
  readonly validate: NameRule;

  constructor(validate: NameRule) {
    this.validate = validate;
  }
}

class FormatNamespace {}

function strfmt(format: string, problem: string): NameRule {
  return (text) => (matchesFormat(format, text) ? [] : [problem]);
}

/** A prefix may end with a dash: a suffix follows. */
function prefixOf(rule: NameRule): NameRule {
  return (text) => rule(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);
}

const FORMATS: Readonly<Record<string, NameRule>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: prefixOf(dnsLabel),
  dns1123SubdomainPrefix: prefixOf(dnsSubdomain),
  dns1035LabelPrefix: prefixOf(dns1035Label),
  labelValue,
  uri: strfmt('uri', 'invalid URI'),
  uuid: strfmt('uuid', 'does not match the UUID format'),
  byte: strfmt('byte', 'invalid base64'),
  date: strfmt('date', 'invalid date'),
  datetime: strfmt('datetime', 'invalid datetime'),
};

export function registerFormats(environment: Environment): void {
  const named = new Map(Object.entries(FORMATS).map(([name, rule]) => [name, new NamedFormat(rule)]));
  environment
    .registerType(TYPE, NamedFormat)
    .registerType('FormatNamespace', FormatNamespace)
    .registerConstant('format', 'FormatNamespace', new FormatNamespace())
    .registerFunction(`FormatNamespace.named(string): optional<${TYPE}>`, (_: unknown, name: string) => {
      const format = named.get(name);
      return format === undefined ? Optional.none() : Optional.of(format);
    })
    .registerFunction(
      `${TYPE}.validate(string): optional<list<string>>`,
      (format: NamedFormat, text: string) => {
        const problems = format.validate(text);
        return problems.length === 0 ? Optional.none() : Optional.of(problems);
      },
    );
  for (const [name, format] of named) {
    environment.registerFunction(`FormatNamespace.${name}(): ${TYPE}`, () => format);
  }
}
