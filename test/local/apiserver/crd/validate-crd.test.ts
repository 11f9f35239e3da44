import { type Definition, validateCrd } from '../../../../src/local/apiserver/crd/index.js';
import { definition } from './builders.js';

const messages = (crd: Definition, old?: Definition) =>
  validateCrd(crd, old).map(({ field, message }) => `${field}: ${message}`);

const at = 'spec.validation.openAPIV3Schema.properties[spec]';

describe('a definition', () => {
  it('is accepted when it is well made', () => {
    expect(messages(definition({ properties: { a: { type: 'string', default: 'x' } } }))).toEqual([]);
  });

  it('is named after its plural and group', () => {
    const crd = definition({}, (d) => (d.metadata.name = 'wrong.demo.dev'));
    expect(messages(crd)).toEqual([
      'metadata.name: Invalid value: "wrong.demo.dev": must be spec.names.plural+"."+spec.group',
    ]);
  });

  it('has exactly one storage version and keeps those that were stored', () => {
    const crd = definition({}, (d) => d.spec.versions.push({ ...d.spec.versions[0]!, name: 'v2' }));
    expect(messages(crd)[0]).toContain('must have exactly one version marked as storage version');
    const later = definition({}, (d) => (d.spec.versions[0]!.name = 'v2'));
    later.status = { storedVersions: ['v1', 'v2'] };
    expect(messages(later)).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions',
    ]);
  });

  it('says which version is wrong when versions differ', () => {
    const crd = definition({}, (d) =>
      d.spec.versions.push({
        name: 'v2',
        served: true,
        storage: false,
        schema: { openAPIV3Schema: { type: 'object', properties: { b: {} } } },
      }),
    );
    expect(messages(crd)).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[b].type: Required value: must not be empty for specified object fields',
    ]);
  });

  it('cannot change its group, and when it is established neither its scope nor its kind', () => {
    const old = definition();
    old.status = {
      ...old.status,
      conditions: [{ type: 'Established', status: 'True', lastTransitionTime: '', reason: '', message: '' }],
    };
    const crd = definition({}, (d) => {
      d.spec.scope = 'Cluster';
      d.spec.names = { plural: 'things', kind: 'Other' };
    });
    expect(messages(crd, old)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Other": field is immutable',
    ]);
  });
});

describe('a schema', () => {
  it.each<[object, string[]]>([
    [
      { properties: { a: {} } },
      [`${at}.properties[a].type: Required value: must not be empty for specified object fields`],
    ],
    [
      { properties: { a: { type: 'array' } } },
      [`${at}.properties[a].items: Required value: must be specified`],
    ],
    [
      { properties: { a: { type: 'string', enum: ['x'], default: 'y' } } },
      [`${at}.properties[a].default: Unsupported value: "y": supported values: "x"`],
    ],
    [
      { properties: { a: { type: 'object', properties: { b: { type: 'string' } }, default: { c: 1 } } } },
      [`${at}.properties[a].default: Invalid value: {"c":1}: must not have unknown fields`],
    ],
    [
      { properties: { a: { type: 'string', pattern: '(' } } },
      [
        `${at}.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      ],
    ],
    [
      {
        properties: {
          a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: true },
        },
      },
      [
        `${at}.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    ],
    [
      { properties: { a: { anyOf: [{ type: 'string' }], 'x-kubernetes-preserve-unknown-fields': true } } },
      [`${at}.properties[a].anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      {
        properties: { a: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { properties: { b: { minLength: 1 } } }],
      },
      [`${at}.properties[b]: Required value: because it is defined in ${at}.oneOf[1].properties[b]`],
    ],
  ])('%j', (spec, expected) => {
    expect(messages(definition(spec))).toEqual(expected);
  });

  it('may write an integer or string in the old way', () => {
    const port = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
    expect(messages(definition({ properties: { port } }))).toEqual([]);
  });
});

describe('rules', () => {
  const properties = { a: { type: 'integer' }, l: { type: 'array', items: { type: 'string' } } };
  const rule = (text: object) => messages(definition({ properties, 'x-kubernetes-validations': [text] }));
  const first = `${at}.x-kubernetes-validations[0]`;

  it.each([
    ['self.a >', "1:9: Syntax error: mismatched input '<EOF>'", ' | self.a >\n | ........^'],
    ['self.nope == 1', "1:5: undefined field 'nope'", ' | ....^'],
    ["self.a == 'x'", "1:8: found no matching overload for '_==_' applied to '(int, string)'", ' | .......^'],
    ['nope(self.a)', "1:5: undeclared reference to 'nope' (in container '')", ' | ....^'],
    ['self.a.startsWith("x")', "found no matching overload for 'startsWith' applied to 'int.(string)'", '^'],
    ['x == 1', "1:1: undeclared reference to 'x' (in container '')", ' | ^'],
    [
      'self.l.matches("x")',
      "found no matching overload for 'matches' applied to 'list(string).(string)'",
      '^',
    ],
  ])('%s does not compile', (text, message, arrow) => {
    const [error, ...more] = rule({ rule: text });
    expect(more).toEqual([]);
    expect(error).toContain('compilation failed: ERROR: <input>:');
    expect(error).toContain(message);
    expect(error).toContain(arrow);
  });

  it('evaluate to bool, their messages to text', () => {
    expect(rule({ rule: 'self.a' })[0]).toContain('cel expression must evaluate to a bool');
    expect(rule({ rule: 'true', messageExpression: 'self.a' })[0]).toContain(
      'messageExpression must evaluate to a string',
    );
  });

  it('have a cost that is bounded by the sizes their schema allows', () => {
    const nested = 'self.l.all(x, self.l.exists(y, x == y))';
    expect(rule({ rule: nested })[0]).toContain(
      'estimated rule cost exceeds budget by factor of more than 100x',
    );
    const bounded = { l: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } } };
    const crd = definition({ properties: bounded, 'x-kubernetes-validations': [{ rule: nested }] });
    expect(messages(crd)).toEqual([]);
  });

  it('compare with old values only where these can be found', () => {
    const items = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] };
    const crd = definition({ properties: { l: { type: 'array', maxItems: 5, items } } });
    expect(messages(crd)).toEqual([
      `${at}.properties[l].items.x-kubernetes-validations[0].rule: Invalid value: "self > oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${at}.properties[l]`,
    ]);
  });

  it('point at fields that are there', () => {
    expect(rule({ rule: 'self.a > 0', fieldPath: '.nope' })).toEqual([
      `${first}.fieldPath: Invalid value: ".nope": must be a valid path`,
    ]);
    expect(rule({ rule: 'self.a > 0', fieldPath: '.a' })).toEqual([]);
  });
});
