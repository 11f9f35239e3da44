import type { Definition } from '../../../../src/local/apiserver/crd/index.js';
import { defaultCrd, initialStatus } from '../../../../src/local/apiserver/crd/index.js';
import type { Schema } from '../../../../src/local/apiserver/schema/index.js';

/** A definition of things.demo.dev with one version, as created, whose spec has the given schema. */
export function definition(
  spec: object = {},
  change: (crd: Definition) => void = () => undefined,
): Definition {
  const schema: Schema = { type: 'object', properties: { spec: { type: 'object', ...spec } } };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.demo.dev' },
    spec: {
      group: 'demo.dev',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  } as Definition;
  change(crd);
  defaultCrd(crd);
  crd.status = initialStatus(crd);
  return crd;
}
