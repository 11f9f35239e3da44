import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadAll } from 'js-yaml';
import { validate } from '../../src/api/index.js';

const folder = path.resolve(import.meta.dirname, '../../manifests/samples');
const documents = readdirSync(folder).flatMap((file) =>
  loadAll(readFileSync(path.join(folder, file), 'utf8')).map((document) => [file, document] as const),
);

test('there are samples', () => {
  expect(documents.length).toBeGreaterThanOrEqual(2);
});

test.each(documents)('%s is a good ModelDeployment', (_file, document) => {
  expect(validate(document)).toEqual([]);
});
