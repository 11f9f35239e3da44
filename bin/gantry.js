#!/usr/bin/env node
// The installed program. In a checkout that was not built yet, says so instead of failing on an import.
import { existsSync } from 'node:fs';

const program = new URL('../dist/gantry.js', import.meta.url);
if (!existsSync(program)) {
  console.error(
    'gantry is not built in this checkout; run: npm run build (or npm start, which does it for you)',
  );
  process.exit(1);
}
await import(program.href);
