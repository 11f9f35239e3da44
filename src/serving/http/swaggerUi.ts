/** Swagger UI's files, served by the pod itself: nothing comes from a CDN, and the page's policy forbids that it could. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Answer } from './reply.js';

const PACKAGE_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-16x16.png': 'image/png',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Gantry: API</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own, because the policy allows no script inside the page. Addresses are relative, for proxies' sake. */
const START = `window.ui = SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;

/** Swagger UI writes style attributes and data: images; nothing else is let in. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS = ['Content-Security-Policy', POLICY, 'X-Content-Type-Options', 'nosniff'];

function packageFile(name: string): Promise<Buffer> {
  const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  return readFile(join(dirname(manifest), name));
}

/** The page's addresses are relative to /docs: below /docs/ they would lead nowhere. */
export function docsPage(path: string): Answer {
  if (path.endsWith('/'))
    return {
      status: 308,
      contentType: 'text/plain; charset=utf-8',
      body: '',
      headers: ['Location', '../docs'],
    };
  return { status: 200, contentType: 'text/html; charset=utf-8', body: PAGE, headers: HEADERS };
}

/** The file `name` of the docs; undefined when there is none: only the listed ones are ever read. */
export async function docsFile(name: string): Promise<Answer | undefined> {
  const headers = [...HEADERS, 'Cache-Control', 'public, max-age=3600'];
  if (name === 'start.js')
    return { status: 200, contentType: 'text/javascript; charset=utf-8', body: START, headers };
  const contentType = Object.hasOwn(PACKAGE_FILES, name) ? PACKAGE_FILES[name] : undefined;
  if (contentType === undefined) return undefined;
  return { status: 200, contentType, body: [await packageFile(name)], headers };
}
