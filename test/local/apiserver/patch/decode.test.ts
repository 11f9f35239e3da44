import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeApplyPatch,
  decodeJsonPatch,
  decodeMergePatch,
  decodeStrategicMergePatch,
  parseJson,
  parseYaml,
} from '../../../../src/local/apiserver/patch/index.js';
import { StatusError } from '../../../../src/local/apiserver/status.js';

function refusal(action: () => unknown): [number | undefined, string | undefined] {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return [error.status.code, error.status.message];
    throw error;
  }
  throw new Error('was not refused');
}

describe('faults of JSON text', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['not json', `invalid character 'o' in literal null (expecting 'u')`],
    ['{a:1}', `invalid character 'a' looking for beginning of object key string`],
    ['{"a" 1}', `invalid character '1' after object key`],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', `invalid character '2' after array element`],
    ['{} x', `invalid character 'x' after top-level value`],
    ["'x'", String.raw`invalid character '\'' looking for beginning of value`],
    ['"\\x"', `invalid character 'x' in string escape code`],
    ['"a\nb"', String.raw`invalid character '\n' in string literal`],
    ['-x', `invalid character 'x' in numeric literal`],
    ['1.x', `invalid character 'x' after decimal point in numeric literal`],
    ['1ex', `invalid character 'x' in exponent of numeric literal`],
    ['01', `invalid character '1' after top-level value`],
    ['[1,]', `invalid character ']' looking for beginning of value`],
  ])('%j is refused as Go refuses it', (text, error) => {
    expect(parseJson(text)).toEqual({ error });
  });

  it('are found in every text that JSON.parse refuses, and in no other', () => {
    const broken = fc
      .json({ maxDepth: 2 })
      .chain((text) =>
        fc
          .nat(text.length)
          .chain((at) =>
            fc
              .constantFrom('', '{', ',', '"', '\\', '1', 'x')
              .map((char) => text.slice(0, at) + char + text.slice(at + 1)),
          ),
      );
    fc.assert(
      fc.property(broken, (text) => {
        const parsed = parseJson(text);
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect('value' in parsed).toBe(valid);
        if ('error' in parsed) expect(parsed.error).toMatch(/^(unexpected end|invalid character .+ \w+)/);
      }),
      { seed: 8259, numRuns: 300 },
    );
  });
});

describe('values nested without end', () => {
  const DEEP = 100_000;

  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('are refused as JSON when they are made of %j', (open, close) => {
    expect(parseJson(open.repeat(DEEP) + '1' + close.repeat(DEEP))).toEqual({ error: 'exceeded max depth' });
    expect(parseJson(open.repeat(DEEP))).toEqual({ error: 'exceeded max depth' });
  });

  it.each([
    ['lists', `a: ${'['.repeat(DEEP)}`],
    ['maps', `a: ${'{b: '.repeat(DEEP)}`],
    ['lists with brackets in their texts', `a: ${'[ "]", '.repeat(DEEP)}`],
    ['items', `${'- '.repeat(DEEP)}x`],
    ['keys', `${'? '.repeat(DEEP)}x`],
    ['indented maps', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}k:`).join('\n')],
  ])('are refused as YAML when they are %s', (_name, text) => {
    expect(parseYaml(text)).toEqual({ error: 'yaml: exceeded max depth' });
  });

  it('are told from brackets in a text', () => {
    const text = '["'.concat('['.repeat(5000), String.raw`\"`, '{'.repeat(5000), '"]');
    expect(parseJson(text)).toHaveProperty('value');
  });

  it('are refused when an anchor stands inside itself', () => {
    expect(refusal(() => decodeApplyPatch('a: &x\n  b: *x\n', false))[0]).toBe(400);
  });
});

describe('bodies of patches', () => {
  it('are refused in the words of their media type', () => {
    expect(refusal(() => decodeJsonPatch('{'))).toEqual([400, 'unexpected end of JSON input']);
    expect(refusal(() => decodeMergePatch('{'))).toEqual([500, 'Invalid JSON Patch']);
    expect(refusal(() => decodeMergePatch('null'))).toEqual([500, 'Invalid JSON Patch']);
    expect(refusal(() => decodeStrategicMergePatch('{'))).toEqual([400, 'unexpected EOF']);
    expect(refusal(() => decodeStrategicMergePatch(''))).toEqual([400, 'EOF']);
    expect(refusal(() => decodeStrategicMergePatch('[]'))).toEqual([
      400,
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    ]);
  });

  it.each([
    ['{', 'error converting YAML to JSON: yaml: line 1: did not find expected node content'],
    ['a: b: c', 'error converting YAML to JSON: yaml: mapping values are not allowed in this context'],
    [
      'x: 1\ny: a: b',
      'error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context',
    ],
    [
      '- 1',
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
  ])('a configuration that is %j is refused', (text, why) => {
    expect(refusal(() => decodeApplyPatch(text, false))).toEqual([400, `error decoding YAML: ${why}`]);
  });

  it('of a custom resource are refused in the words of its server', () => {
    expect(refusal(() => decodeApplyPatch('a: b: c', true))).toEqual([
      400,
      'error encoding patch: yaml: mapping values are not allowed in this context',
    ]);
  });

  it('may be YAML with comments and anchors, but not with anchors that multiply', () => {
    expect(decodeApplyPatch('a: &x {k: v} # why\nb: *x\n', false)).toEqual({ a: { k: 'v' }, b: { k: 'v' } });
    expect(decodeApplyPatch('', false)).toEqual({});
    const levels = 'abcdefgh'.split('').map((name, i, all) => {
      const before = all[i - 1];
      return `${name}: &${name} [${new Array(9).fill(before === undefined ? 'x' : `*${before}`).join(',')}]`;
    });
    expect(refusal(() => decodeApplyPatch(levels.join('\n'), false))[1]).toContain('excessive aliasing');
  });
});
