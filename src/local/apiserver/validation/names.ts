/**
 * Rules of names, labels and their messages.
 * Source: k8s.io/apimachinery/pkg/util/validation/validation.go and pkg/api/validation.
 */

const LABEL_1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_1123 = `${LABEL_1123}(\\.${LABEL_1123})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const ENV_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const PATH_SEGMENT_FORBIDDEN = ['.', '..'];

const whole = (pattern: string) => new RegExp(`^${pattern}$`);
const IS_LABEL_1123 = whole(LABEL_1123);
const IS_SUBDOMAIN_1123 = whole(SUBDOMAIN_1123);
const IS_LABEL_1035 = whole(LABEL_1035);
const IS_QUALIFIED = whole(QUALIFIED);
const IS_LABEL_VALUE = whole(LABEL_VALUE);
const IS_CONFIG_KEY = whole(CONFIG_KEY);
const IS_ENV_NAME = whole(ENV_NAME);

/** `MESSAGE (e.g. 'EXAMPLE',  or 'EXAMPLE', regex used for validation is 'PATTERN')` with Go's own spacing. */
function regexError(message: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(',  or ');
  return `${message} (e.g. ${shown}, regex used for validation is '${pattern}')`;
}

function maxLength(length: number): string {
  return `must be no more than ${length} characters`;
}

export const EMPTY = 'must be non-empty';

/** Why a text is not what a rule wants; none when it is. */
export type NameRule = (name: string) => string[];

const LABEL_1123_MESSAGE = regexError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_1123,
  'my-name',
  '123-abc',
);
const SUBDOMAIN_MESSAGE = regexError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_1123,
  'example.com',
);
const LABEL_1035_MESSAGE = regexError(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
);

function rule(limit: number, pattern: RegExp, message: string): NameRule {
  return (name) => {
    const problems = name.length > limit ? [maxLength(limit)] : [];
    return pattern.test(name) ? problems : [...problems, message];
  };
}

export const dnsLabel = rule(63, IS_LABEL_1123, LABEL_1123_MESSAGE);
export const dnsSubdomain = rule(253, IS_SUBDOMAIN_1123, SUBDOMAIN_MESSAGE);
export const dns1035Label = rule(63, IS_LABEL_1035, LABEL_1035_MESSAGE);

export const configMapKey: NameRule = (key) => {
  const problems = key.length > 253 ? [maxLength(253)] : [];
  if (!IS_CONFIG_KEY.test(key)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    problems.push(regexError(message, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (key === '.') problems.push("must not be '.'");
  else if (key === '..') problems.push("must not be '..'");
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
};

export const envVarName: NameRule = (name) => {
  const message =
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
  const problem = regexError(message, ENV_NAME, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1');
  return IS_ENV_NAME.test(name) ? [] : [problem];
};

/** `prefix/name` as label keys, annotation keys and finalizers are written. */
export const qualifiedName: NameRule = (value) => {
  const slash = value.indexOf('/');
  if (slash !== value.lastIndexOf('/')) {
    const message =
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    const examples = ['MyName', 'my.name', '123-abc'] as const;
    return [
      `${regexError(message, QUALIFIED, ...examples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  if (slash >= 0) {
    const prefix = value.slice(0, slash);
    const found = prefix === '' ? [EMPTY] : dnsSubdomain(prefix);
    problems.push(...found.map((problem) => `prefix part ${problem}`));
  }
  const name = value.slice(slash + 1);
  if (name === '') problems.push(`name part ${EMPTY}`);
  else if (name.length > 63) problems.push(`name part ${maxLength(63)}`);
  if (!IS_QUALIFIED.test(name)) {
    const message =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    problems.push(`name part ${regexError(message, QUALIFIED, 'MyName', 'my.name', '123-abc')}`);
  }
  return problems;
};

export const labelValue: NameRule = (value) => {
  const problems = value.length > 63 ? [maxLength(63)] : [];
  if (!IS_LABEL_VALUE.test(value)) {
    const message =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    problems.push(regexError(message, LABEL_VALUE, 'MyValue', 'my_value', '12345'));
  }
  return problems;
};

/** Names that are one segment of a path: RBAC objects. */
export const pathSegment: NameRule = (name) => {
  if (PATH_SEGMENT_FORBIDDEN.includes(name)) return [`may not be '${name}'`];
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`);
};

/** Names of ports: IANA_SVC_NAME. */
export const portName: NameRule = (name) => {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[a-z0-9-]*$/.test(name) || name === '') {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
};
