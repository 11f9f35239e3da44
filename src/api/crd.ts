import { GROUP, KIND, PLURAL, VERSION } from './modelDeployment.js';
import { RULES } from './rules.js';
import type { Schema } from './schema/schema.js';
import { specSchema } from './schema/spec.js';
import { statusSchema } from './schema/status.js';
import { changeSchemaAt } from './schema/walk.js';

const PRINTER_COLUMNS = [
  { name: 'Version', type: 'string', jsonPath: '.spec.model.version', description: 'Version declared' },
  { name: 'Ready', type: 'string', jsonPath: '.status.ready', description: 'Ready pods of wanted pods' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Summary of the conditions' },
  { name: 'Cache', type: 'string', jsonPath: '.status.cache', description: 'Cache in use' },
  { name: 'URL', type: 'string', jsonPath: '.status.url', description: 'Where clients reach the model' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since creation' },
  {
    name: 'Model',
    type: 'string',
    jsonPath: '.spec.model.name',
    description: 'Name of the model',
    priority: 1,
  },
  {
    name: 'Serving',
    type: 'string',
    jsonPath: '.status.model.version',
    description: 'Version of the last finished rollout',
    priority: 1,
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why it is ready or not',
    priority: 1,
  },
];

/** The schema of the whole object, with the rules of the table where they belong. */
export function objectSchema(): Schema {
  const base: Schema = {
    type: 'object',
    description:
      'A machine learning model in ONNX format, served by pods that answer the Open Inference Protocol.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'gantry.dev/v1alpha1' },
      kind: { type: 'string', description: 'ModelDeployment' },
      metadata: { type: 'object' },
      spec: specSchema,
      status: statusSchema,
    },
  };
  return RULES.reduce((schema, { at, cel, message, fieldPath }) => {
    if (cel === undefined) return schema;
    return changeSchemaAt(schema, at, (target) => ({
      ...target,
      'x-kubernetes-validations': [
        ...(target['x-kubernetes-validations'] ?? []),
        { rule: cel, message, ...(fieldPath === undefined ? {} : { fieldPath }) },
      ],
    }));
  }, base);
}

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) that manifests/crd.yaml and the chart hold. */
export function customResourceDefinition() {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: 'modeldeployment',
        shortNames: ['md'],
        categories: ['all', 'gantry'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema() },
          additionalPrinterColumns: PRINTER_COLUMNS,
          selectableFields: [{ jsonPath: '.spec.model.name' }, { jsonPath: '.spec.model.version' }],
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
        },
      ],
    },
  };
}
