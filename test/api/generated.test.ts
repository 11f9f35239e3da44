import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { customResourceDefinition, type Schema } from '../../src/api/index.js';
import { generatedFiles } from '../../scripts/generate/files.js';

const root = path.resolve(import.meta.dirname, '../..');

describe('what is generated from the schema', () => {
  test.each([...generatedFiles()])('%s is up to date (npm run generate)', async (file, text) => {
    expect(await readFile(path.join(root, file), 'utf8')).toBe(text);
  });
});

describe('the CustomResourceDefinition', () => {
  const crd = customResourceDefinition();
  const [version] = crd.spec.versions;

  test('stays far below 100 kB', () => {
    expect(JSON.stringify(crd).length).toBeLessThan(50_000);
  });

  test('has no default below an array', () => {
    const schema = version?.schema.openAPIV3Schema ?? {};
    expect(defaultsBelowArrays(schema, false, '')).toEqual([]);
    expect(defaultsBelowArrays({ type: 'array', items: { default: 1 } }, false, 'x')).toEqual(['x[]']);
  });

  test('gives an object without a status an observedGeneration that no generation has', () => {
    expect(version?.schema.openAPIV3Schema.properties?.status?.default).toEqual({ observedGeneration: -1 });
  });

  test('describes every field', () => {
    const schema = version?.schema.openAPIV3Schema ?? {};
    expect(undescribed(schema.properties?.spec ?? {}, 'spec')).toEqual([]);
    expect(undescribed(schema.properties?.status ?? {}, 'status')).toEqual([]);
  });

  test('has the columns of kubectl get', () => {
    const columns = version?.additionalPrinterColumns.filter((column) => !('priority' in column));
    expect(columns?.map(({ name }) => name)).toEqual(['Version', 'Ready', 'Phase', 'Cache', 'URL', 'Age']);
  });
});

function defaultsBelowArrays(schema: Schema, belowArray: boolean, at: string): string[] {
  return [
    ...(belowArray && schema.default !== undefined ? [at] : []),
    ...(schema.items === undefined ? [] : defaultsBelowArrays(schema.items, true, `${at}[]`)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      defaultsBelowArrays(child, belowArray, `${at}.${name}`),
    ),
  ];
}

function undescribed(schema: Schema, at: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    ...(child.description === undefined ? [`${at}.${name}`] : []),
    ...undescribed(child, `${at}.${name}`),
    ...(child.items === undefined ? [] : undescribed(child.items, `${at}.${name}[]`)),
  ]);
}
