import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

type Packages = Record<string, { version?: string; optional?: boolean }>;

const prepare = (await import(pathToFileURL(path.resolve('bin/prepare.js')).href)) as {
  isInstalled(root: string): boolean;
};

describe('what npm start finds installed', () => {
  let root: string;
  const locked: Packages = {
    '': {},
    'node_modules/koa': { version: '3.0.0' },
    'node_modules/addon-darwin': { version: '1.0.0', optional: true },
  };

  function write(file: string, packages: Packages): void {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), JSON.stringify({ packages }));
  }

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gantry-prepare-'));
    write('package-lock.json', locked);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('is nothing in a fresh clone', () => {
    expect(prepare.isInstalled(root)).toBe(false);
  });

  test('is nothing after an installation that was cut off', () => {
    mkdirSync(path.join(root, 'node_modules/koa'), { recursive: true });
    expect(prepare.isInstalled(root)).toBe(false);
  });

  test('is complete after npm ci, without the packages of other platforms', () => {
    write('node_modules/.package-lock.json', { 'node_modules/koa': { version: '3.0.0' } });
    expect(prepare.isInstalled(root)).toBe(true);
  });

  test('is outdated when the lock file names another version or a further package', () => {
    write('node_modules/.package-lock.json', { 'node_modules/koa': { version: '2.9.0' } });
    expect(prepare.isInstalled(root)).toBe(false);
    write('node_modules/.package-lock.json', {});
    expect(prepare.isInstalled(root)).toBe(false);
  });
});

describe('the lock file', () => {
  test('names the optional packages of every platform, or npm ci refuses it', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const isLocked = (folder: string, name: string): boolean => {
      if (`${folder}node_modules/${name}` in packages) return true;
      const parent = folder.replace(/node_modules\/(@[^/]+\/)?[^/]+\/$/, '');
      return folder !== '' && isLocked(parent === folder ? '' : parent, name);
    };
    const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter(
        (name) => !isLocked(folder === '' ? '' : `${folder}/`, name),
      ),
    );
    expect(missing).toEqual([]);
  });
});
