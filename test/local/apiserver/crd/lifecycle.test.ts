import {
  conditionOf,
  type Definition,
  kindsOfCrd,
  settleCrd,
  terminatingStatus,
  validateCustom,
} from '../../../../src/local/apiserver/crd/index.js';
import { definition } from './builders.js';

const now = '2026-01-01T00:00:00Z';
const settled = (crd: Definition, all: Definition[] = []): Definition => ({
  ...crd,
  status: settleCrd(crd, all, now),
});

describe('settleCrd', () => {
  it('accepts free names and establishes the definition', () => {
    const crd = settled(definition());
    expect(crd.status?.acceptedNames).toEqual({
      plural: 'things',
      singular: 'thing',
      kind: 'Thing',
      listKind: 'ThingList',
    });
    expect(crd.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
  });

  it('changes nothing when it is applied again', () => {
    const crd = settled(definition());
    expect(settleCrd(crd, [crd], '2027-01-01T00:00:00Z')).toEqual(crd.status);
  });

  it('does not establish a definition whose names another one of the group has', () => {
    const first = settled(definition());
    const second = settled(
      definition({}, (d) => {
        d.metadata.name = 'gadgets.demo.dev';
        d.spec.names = { plural: 'gadgets', singular: 'thing', kind: 'Thing' };
      }),
      [first],
    );
    expect(conditionOf(second, 'NamesAccepted')).toMatchObject({
      status: 'False',
      reason: 'ListKindConflict',
      message: '"ThingList" is already in use',
    });
    expect(conditionOf(second, 'Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' });
    expect(second.status?.acceptedNames).toEqual({ plural: 'gadgets', kind: '' });
    expect(kindsOfCrd(second)).toEqual([]);
  });
});

describe('kindsOfCrd', () => {
  it('makes a row of each served version, once the definition is established', () => {
    const crd = definition({}, (d) => {
      const version = d.spec.versions[0]!;
      version.subresources = {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      };
      version.selectableFields = [{ jsonPath: '.spec.stage' }];
      d.spec.versions.push(
        { ...version, name: 'v2', storage: false },
        { ...version, name: 'v0', storage: false, served: false },
      );
    });
    expect(kindsOfCrd(crd)).toEqual([]);
    const rows = kindsOfCrd(settled(crd));
    expect(rows.map(({ version, status, generation }) => [version, status, generation])).toEqual([
      ['v1', true, 'spec'],
      ['v2', true, 'spec'],
    ]);
    expect(rows[1]).toMatchObject({
      group: 'demo.dev',
      plural: 'things',
      storageKey: 'demo.dev/things',
      selectableFields: ['spec.stage'],
      custom: { storageVersion: 'v1', terminating: false },
    });
  });

  it('shows stored objects with the defaults of today, in the version asked for', () => {
    const crd = settled(definition({ properties: { a: { type: 'string', default: 'x' } } }));
    const stored = { apiVersion: 'demo.dev/v0', kind: 'Thing', metadata: { name: 'a' }, spec: {} };
    expect(kindsOfCrd(crd)[0]?.readDefaults?.(stored)).toMatchObject({
      apiVersion: 'demo.dev/v1',
      spec: { a: 'x' },
    });
    expect(stored.spec).toEqual({});
  });

  it('says that a definition is on its way out', () => {
    const crd = settled(definition());
    const leaving = { ...crd, status: terminatingStatus(crd, 'pending', now) };
    expect(kindsOfCrd(leaving)[0]?.custom?.terminating).toBe(true);
    expect(terminatingStatus(leaving, 'inProgress', now).conditions).toHaveLength(3);
  });
});

describe('validateCustom', () => {
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const schema = { type: 'object' as const };
  const errors = (fields: object) =>
    validateCustom(
      { schema, scale },
      { apiVersion: '', kind: '', metadata: { name: 'a' }, ...fields },
    ).errors.map(({ field, message }) => `${field}: ${message}`);

  it.each([
    [{ spec: { replicas: -1 } }, '.spec.replicas: Invalid value: -1: should be a non-negative integer'],
    [
      { spec: { replicas: 3e9 } },
      '.spec.replicas: Invalid value: 3000000000: should be less than or equal to 2147483647',
    ],
    [
      { spec: { replicas: 'two' } },
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: two is of the type string, expected int64',
    ],
    [
      { spec: { replicas: {} } },
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: map[] is of the type map[string]interface {}, expected int64',
    ],
    [
      { spec: 'x' },
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected map[string]interface{}',
    ],
  ])('checks what the scale subresource reads: %j', (fields, expected) => {
    expect(errors(fields)).toEqual([expected]);
  });

  it('leaves rules unchecked while types are wrong, and says so', () => {
    const ruled = {
      type: 'object' as const,
      properties: { n: { type: 'integer' as const, 'x-kubernetes-validations': [{ rule: 'self > 0' }] } },
    };
    const object = { apiVersion: '', kind: '', metadata: { name: 'a' }, n: 'x' };
    const found = validateCustom({ schema: ruled }, object).errors;
    expect(found.map(({ field }) => field)).toEqual(['n', '<nil>']);
    expect(found[1]?.message).toContain('some validation rules were not checked');
  });
});
