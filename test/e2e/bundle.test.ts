import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const DIST = path.join(process.cwd(), 'dist');

describe('the bundle', () => {
  const chunks = new Map(
    readdirSync(DIST)
      .filter((file) => file.endsWith('.js'))
      .map((file) => [file, readFileSync(path.join(DIST, file), 'utf8')]),
  );

  /** Chunks that `text` imports dynamically, each with the source file (esbuild notes it) whose code does so. */
  function dynamicImports(text: string): { source: string; chunk: string }[] {
    return [...text.matchAll(/\bimport\("\.\/([^"]+)"\)/g)].map(({ index, 1: chunk = '' }) => {
      const notes = [...text.slice(0, index).matchAll(/^\/\/ (\S+\.[cm]?[jt]s)$/gm)];
      return { source: notes.at(-1)?.[1] ?? '', chunk };
    });
  }

  const own = [...chunks.values()].flatMap(dynamicImports).filter(({ source }) => source.startsWith('src/'));

  test('has its two entries, and loads commands lazily', () => {
    expect([...chunks.keys()]).toEqual(expect.arrayContaining(['gantry.js', 'serving-worker.js']));
    expect(own.map(({ chunk }) => chunk)).toContainEqual(expect.stringMatching(/^serve-/));
  });

  test('has a server load nothing at its start that a prediction does not need', () => {
    const loaded = new Set<string>();
    const load = (chunk: string): void => {
      if (loaded.has(chunk)) return;
      loaded.add(chunk);
      for (const [, next = ''] of (chunks.get(chunk) ?? '').matchAll(/^(?:import|} from) ?"\.\/([^"]+)";$/gm))
        load(next);
    };
    for (const entry of chunks.keys()) if (/^(gantry\.js|serve-\w+\.js)$/.test(entry)) load(entry);
    const text = [...loaded].map((chunk) => chunks.get(chunk)).join('\n');
    const packages = new Set(
      [...text.matchAll(/^\/\/ .*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)].map(([, name]) => name),
    );
    expect([...packages]).toEqual(expect.arrayContaining(['commander', 'pino']));
    for (const late of ['koa', 'prom-client', 'ajv', 'ioredis', '@opentelemetry/api', 'js-yaml', 'yaml'])
      expect(packages).not.toContain(late);
  });

  test('imports no CommonJS package dynamically: its names would be lost', () => {
    const isNameless = (chunk: string) => /^export default require_\w+\(\);/m.test(chunks.get(chunk) ?? '');
    expect(own.filter(({ chunk }) => isNameless(chunk))).toEqual([]);
  });
});
