import { describe, expect, it } from '@jest/globals';
import { findAll, parseJsonPath } from '../../../../src/local/apiserver/table/index.js';

const OBJECT = {
  metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'web' }, 'x]y': 1 },
  spec: { list: [10, 20, 30, 40], nothing: null, off: false },
  status: {
    conditions: [
      { type: 'Progressing', status: 'False', count: 1 },
      { type: 'Ready', status: 'True', count: 2 },
    ],
  },
};

function find(path: string): unknown[] {
  const parsed = parseJsonPath(path);
  if (parsed === undefined) throw new Error(`${path} was not parsed`);
  return findAll(parsed, OBJECT);
}

describe('JSONPath of printer columns', () => {
  it.each([
    ['.metadata.name', ['a']],
    ['{.metadata.name}', ['a']],
    ['$.metadata.name', ['a']],
    ['.metadata.missing', []],
    ['.metadata.name.deeper', []],
    ['.spec.nothing', [null]],
    ['.spec.off', [false]],
    [String.raw`.metadata.labels.app\.kubernetes\.io/name`, ['web']],
    [`.metadata.labels['app.kubernetes.io/name']`, ['web']],
    [`.metadata["x]y"]`, [1]],
    ['.spec.list[0]', [10]],
    ['.spec.list[-1]', [40]],
    ['.spec.list[9]', []],
    ['.spec.list[*]', [10, 20, 30, 40]],
    ['.spec.list[1:3]', [20, 30]],
    ['.spec.list[:2]', [10, 20]],
    ['.spec.list[::2]', [10, 30]],
    ['.spec.list[0,2]', [10, 30]],
    ['.status.conditions[*].type', ['Progressing', 'Ready']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [`.status.conditions[?(@.type == 'Ready')].status`, ['True']],
    ['.status.conditions[?(@.type!="Ready")].status', ['False']],
    ['.status.conditions[?(@.count>1)].type', ['Ready']],
    ['.status.conditions[?(@.count<=1)].type', ['Progressing']],
    ['.status.conditions[?(@.status)].type', ['Progressing', 'Ready']],
    ['.status.conditions[?(@.nope)].type', []],
    ['.status.conditions[?(@.count>"1")].type', []],
    ['.status..status', ['False', 'True']],
    ['.metadata.constructor', []],
    ['.metadata.__proto__', []],
  ])('%s', (path, values) => {
    expect(find(path)).toEqual(values);
  });

  it.each(['.spec[', '.spec[?(', '.spec[?(x=="y")]', '.a..', '.spec[]', '.spec[a]'])(
    '%s is no path',
    (path) => {
      expect(parseJsonPath(path)).toBeUndefined();
    },
  );
});
