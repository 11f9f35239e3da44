import { describe, expect, it } from '@jest/globals';
import { definitions, builtinSchema, shortName } from '../../../../src/local/apiserver/schema/builtin.js';
import { FIELD_DEFAULTS } from '../../../../src/local/apiserver/schema/builtin-defaults.js';
import {
  ATOMIC_DEFINITIONS,
  FIELD_OVERLAY,
  GRANULAR_FIELDS,
} from '../../../../src/local/apiserver/schema/overlay.js';

describe('schemas of built-in kinds', () => {
  it('has the fields, required names and formats of a Deployment', () => {
    const schema = builtinSchema('apps', 'v1', 'Deployment');
    const spec = schema?.properties?.['spec'];
    expect(spec?.required).toEqual(['selector', 'template']);
    expect(spec?.properties?.['replicas']).toEqual({ type: 'integer', format: 'int32', default: 1 });
    const container = spec?.properties?.['template']?.properties?.['spec']?.properties?.['containers'];
    expect(container?.['x-kubernetes-list-map-keys']).toEqual(['name']);
    expect(container?.items?.properties?.['ports']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-patch-merge-key': 'containerPort',
    });
  });

  it('shares the nodes of a definition between kinds', () => {
    const pod = builtinSchema('', 'v1', 'Pod')?.properties?.['spec'];
    const template = builtinSchema('', 'v1', 'PodTemplate')?.properties?.['template']?.properties?.['spec'];
    expect(pod).toBeDefined();
    expect(template?.properties).toBe(pod?.properties);
  });

  it('does not know kinds it was not given', () => {
    expect(builtinSchema('apps', 'v1', 'Nothing')).toBeUndefined();
    expect(builtinSchema('apps', 'v9', 'Deployment')).toBeUndefined();
  });

  it('reads quantities and integers or strings as such', () => {
    const resources = builtinSchema('', 'v1', 'Pod')?.properties?.['spec']?.properties?.['containers']?.items
      ?.properties?.['resources'];
    expect(resources?.properties?.['limits']?.additionalProperties).toEqual({
      type: 'string',
      format: 'quantity',
    });
    const strategy = builtinSchema('apps', 'v1', 'Deployment')?.properties?.['spec']?.properties?.[
      'strategy'
    ];
    expect(strategy?.['x-kubernetes-patch-strategy']).toBe('retainKeys');
    expect(strategy?.properties?.['rollingUpdate']?.properties?.['maxSurge']).toMatchObject({
      'x-kubernetes-int-or-string': true,
    });
  });

  it('ties JSONSchemaProps into a cycle', () => {
    const props = builtinSchema('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')?.properties?.[
      'spec'
    ]?.properties?.['versions']?.items?.properties?.['schema']?.properties?.['openAPIV3Schema'];
    expect(props).toBeDefined();
    expect(props?.properties?.['not']).toBe(props);
  });

  it('has a definition and a field for every row of the overlay', () => {
    const byShortName = new Map(Object.entries(definitions).map(([name, d]) => [shortName(name), d]));
    const unknown = [
      ...Object.keys(FIELD_OVERLAY),
      ...Object.keys(FIELD_DEFAULTS),
      ...GRANULAR_FIELDS,
    ].filter((row) => {
      const dot = row.indexOf('.');
      return byShortName.get(row.slice(0, dot))?.properties?.[row.slice(dot + 1)] === undefined;
    });
    expect(unknown).toEqual([]);
    expect([...ATOMIC_DEFINITIONS].filter((name) => !byShortName.has(name))).toEqual([]);
  });
});
