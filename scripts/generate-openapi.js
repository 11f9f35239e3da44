// Writes src/serving/openapi/routes.generated.json from the @openapi comments beside it. swagger-jsdoc is needed here
// alone, when the routes change; the server reads the file.
//   node scripts/generate-openapi.js            writes
//   node scripts/generate-openapi.js --check    fails when the file is not what would be written
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import swaggerJsdoc from 'swagger-jsdoc';

const folder = fileURLToPath(new URL('../src/serving/openapi/', import.meta.url));
const target = `${folder}routes.generated.json`;

const { paths, components } = swaggerJsdoc({
  failOnErrors: true,
  definition: { openapi: '3.1.0', info: { title: '', version: '' } },
  apis: [`${folder}components.ts`, `${folder}routes.ts`],
});
const text = `${JSON.stringify({ paths, components }, null, 1)}\n`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error(
    'src/serving/openapi/routes.generated.json is not what its comments say: run node scripts/generate-openapi.js',
  );
  process.exitCode = 1;
}
