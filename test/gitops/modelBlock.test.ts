import fc from 'fast-check';
import { parse } from 'yaml';
import { findModelBlocks, spliceModelBlock } from '../../src/gitops/index.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const NEXT = { version: '2', digest: digest('b') };
const TARGET = { model: 'volatility', deployment: 'vol' };

const MANIFEST = `# Production volatility. Owned by the quants.
apiVersion: gantry.dev/v1alpha1
kind: ModelDeployment
metadata: {name: vol}    # short on purpose
spec:
  model:
    name: volatility
    version: "1"   # promoted on Monday
    digest: ${digest('a')}
  replicas:   2
  resources:
      requests: { cpu: 250m }
---
kind: ConfigMap
data:
  text: >-
    folded
    text
`;

function splice(source: string) {
  const result = spliceModelBlock(source, TARGET, NEXT);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('splicing a model block', () => {
  test('replaces the scalars, adds previous, and leaves every other byte as it was', () => {
    const lines = MANIFEST.split('\n');
    const expected = [
      ...lines.slice(0, 7),
      '    version: "2"   # promoted on Monday',
      `    digest: ${digest('b')}`,
      `    previous: { version: "1", digest: "${digest('a')}" }`,
      ...lines.slice(9),
    ].join('\n');
    expect(splice(MANIFEST)).toBe(expected);
  });

  test('keeps CRLF line ends', () => {
    const result = splice(MANIFEST.replaceAll('\n', '\r\n'));
    expect(result.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test('works inside a flow mapping', () => {
    const source = `kind: ModelDeployment\nmetadata: {name: vol}\nspec: {model: {name: volatility, version: '1', digest: '${digest('a')}'}}\n`;
    expect(splice(source)).toBe(
      `kind: ModelDeployment\nmetadata: {name: vol}\nspec: {model: {name: volatility, version: '2', digest: '${digest('b')}', previous: { version: "1", digest: "${digest('a')}" }}}\n`,
    );
  });

  test('splicing back gives the first text again but for the block of previous', () => {
    const there = splice(MANIFEST);
    const back = spliceModelBlock(there, TARGET, { version: '1', digest: digest('a') });
    expect(
      back.ok &&
        back.value
          .split('\n')
          .filter((line) => !line.includes('previous:'))
          .join('\n'),
    ).toBe(MANIFEST);
  });

  test('quotes a version that would read as a number', () => {
    const source = MANIFEST.replace('"1"', 'one');
    expect(findModelBlocks(splice(source), 'volatility')[0]).toMatchObject(NEXT);
    expect(splice(source)).toContain('version: "2"');
  });

  test('refuses a block whose version is not a scalar', () => {
    const source = MANIFEST.replace('"1"', '[1]');
    expect(spliceModelBlock(source, TARGET, NEXT)).toMatchObject({
      ok: false,
      error: { code: 'ModelBlockUnreadable' },
    });
  });

  test('refuses a block that other parts of the document share through an alias', () => {
    const source = `kind: ModelDeployment
metadata: {name: vol, annotations: {v: &v "1"}}
spec:
  model: {name: volatility, version: *v, digest: ${digest('a')}}
`;
    expect(spliceModelBlock(source, TARGET, NEXT)).toMatchObject({
      ok: false,
      error: { code: 'ModelBlockUnreadable' },
    });
  });

  test('changes nothing but the block, whatever stands around it', () => {
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constant(null));
    const value = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.dictionary(key, scalar, { maxKeys: 3 }),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.string(), (around, comment) => {
        const safe = JSON.stringify(comment).slice(1, -1);
        const source = `# ${safe}
kind: ModelDeployment
metadata: { name: vol }
spec:
  before: ${JSON.stringify(around)}
  model:
    name: volatility # ${safe}
    version: '1'
    digest: ${digest('a')}
  after: ${JSON.stringify(around)}
`;
        const result = splice(source);
        expect(parse(result)).toEqual({
          ...(parse(source) as object),
          spec: {
            before: around,
            model: { name: 'volatility', ...NEXT, previous: { version: '1', digest: digest('a') } },
            after: around,
          },
        });
        expect(result.split('\n').length).toBe(source.split('\n').length + 1);
      }),
      { seed: 20261123, numRuns: 200 },
    );
  });
});
