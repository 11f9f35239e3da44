import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const DIST = path.join(process.cwd(), 'dist');

describe('the bundle', () => {
  const chunks = readdirSync(DIST).filter((file) => file.endsWith('.js'));

  test('has its two entries', () => {
    expect(chunks).toEqual(expect.arrayContaining(['gantry.js', 'serving-worker.js']));
  });

  test('imports no CommonJS package dynamically: its names would be lost', () => {
    const nameless = chunks.filter((file) =>
      /^export default require_\w+\(\);/m.test(readFileSync(path.join(DIST, file), 'utf8')),
    );
    expect(nameless).toEqual([]);
  });
});
