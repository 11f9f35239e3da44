/** /openapi.json: the routes, which are the same in every server, with this server's models in them. */
import type { JsonSchema, ModelSignature } from '../protocol/index.js';
import { exampleOf, inferExample } from './examples.js';
import generated from './routes.generated.json' with { type: 'json' };
import { type SecurityScheme, withSecurity } from './security.js';
import { type Operation, type Paths, withVersionRoutes } from './versionRoutes.js';

export interface DocumentedModel {
  readonly name: string;
  readonly version: string;
  readonly signature: ModelSignature;
}

/** What is behind `POST /predict`: a typed endpoint's schemas, and whose they are. */
export interface DocumentedEndpoint {
  readonly model: string;
  readonly version: string;
  readonly rowSchema: JsonSchema;
  readonly predictionSchema: JsonSchema;
}

export interface OpenApiOptions {
  /** Gantry's own version. */
  readonly version: string;
  /** The models that are ready. */
  readonly models: readonly DocumentedModel[];
  /** Left out where the server has no typed endpoint. */
  readonly typed?: DocumentedEndpoint;
  /** How clients show who they are, one of these; none where everybody may ask. */
  readonly security?: readonly SecurityScheme[];
}

const TAGS = [
  { name: 'Typed', description: 'Named features, checked and documented.' },
  { name: 'V2', description: 'Open Inference Protocol, as Triton, KServe and MLServer speak it.' },
  { name: 'V1', description: "KServe's first protocol, as TensorFlow Serving speaks it." },
  { name: 'Docs' },
];

/** An OpenAPI 3.1 document. */
export function openApiDocument({ version, models, typed, security = [] }: OpenApiOptions): object {
  const { '/predict': predict, ...others } = generated.paths as Paths;
  const paths = withVersionRoutes(
    typed === undefined || predict === undefined ? others : { '/predict': predict, ...others },
  );
  const { components } = generated;
  const document = {
    openapi: '3.1.0',
    info: {
      title: typed === undefined ? 'Gantry' : `Gantry: ${typed.model}`,
      version,
      description: describe(models),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths: withModelExamples(paths, models),
    components: {
      ...components,
      parameters: { ...components.parameters, Model: modelParameter(components.parameters.Model, models) },
      schemas: { ...components.schemas, ...(typed !== undefined && typedSchemas(typed)) },
    },
  };
  return withSecurity(document, security);
}

function describe(models: readonly DocumentedModel[]): string {
  if (models.length === 0) return 'No model is ready.';
  return `Models: ${models.map(({ name, version }) => `${name} (version ${version})`).join(', ')}.`;
}

function modelParameter(parameter: object, models: readonly DocumentedModel[]): object {
  const names = [...new Set(models.map(({ name }) => name))];
  return names.length === 0 ? parameter : { ...parameter, schema: { type: 'string', examples: names } };
}

/** Gives the V2 request one example a model, to be tried out in the docs. */
function withModelExamples(paths: Paths, models: readonly DocumentedModel[]): Paths {
  const examples = Object.fromEntries(
    models.flatMap(({ name, signature }) => {
      const value = inferExample(signature);
      return value === undefined ? [] : [[name, { summary: `One row for ${name}`, value }]];
    }),
  );
  if (Object.keys(examples).length === 0) return paths;
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) =>
      path.endsWith('/infer') && item.post !== undefined
        ? [path, { ...item, post: withExamples(item.post, examples) }]
        : [path, item],
    ),
  );
}

function withExamples(operation: Operation, examples: object): Operation {
  const body = operation.requestBody as { readonly content: Readonly<Record<string, object>> };
  const json = { ...body.content['application/json'], examples };
  return { ...operation, requestBody: { ...body, content: { ...body.content, 'application/json': json } } };
}

function typedSchemas({ model, version, rowSchema, predictionSchema }: DocumentedEndpoint): object {
  const row = { $ref: '#/components/schemas/Features' };
  const prediction = { $ref: '#/components/schemas/Prediction' };
  const head = {
    model_name: { type: 'string', const: model },
    model_version: { type: 'string', const: version },
  };
  const answer = (member: string, schema: object) => ({
    type: 'object',
    required: ['model_name', 'model_version', member],
    properties: { ...head, [member]: schema },
  });
  return {
    Features: { ...rowSchema, description: `What ${model} predicts from.` },
    Prediction: predictionSchema,
    PredictRequest: {
      oneOf: [
        {
          type: 'object',
          required: ['features'],
          properties: { features: row },
          additionalProperties: false,
        },
        {
          type: 'object',
          required: ['instances'],
          properties: { instances: { type: 'array', minItems: 1, items: row } },
          additionalProperties: false,
        },
      ],
      examples: [{ features: exampleOf(rowSchema) }],
    },
    PredictResponse: {
      oneOf: [answer('prediction', prediction), answer('predictions', { type: 'array', items: prediction })],
    },
  };
}
