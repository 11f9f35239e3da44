import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyStrategicMergePatch } from '../../../../src/local/apiserver/patch/index.js';
import { builtinSchema, type Schema } from '../../../../src/local/apiserver/schema/index.js';
import { StatusError } from '../../../../src/local/apiserver/status.js';

const DEPLOYMENT = builtinSchema('apps', 'v1', 'Deployment') as Schema;
const POD = builtinSchema('', 'v1', 'Pod') as Schema;

const pod = (spec: object) => ({ spec });
const containers = (...list: object[]) => pod({ containers: list });

function patched(doc: object, patch: object): unknown {
  return applyStrategicMergePatch(doc, patch, POD);
}

function refusal(action: () => unknown): { code?: number; message?: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return { code: error.status.code, message: error.status.message };
    throw error;
  }
  throw new Error('was not refused');
}

describe('strategic merge patch', () => {
  const web = containers(
    {
      name: 'web',
      image: 'web:1',
      args: ['a', 'b'],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'C', value: '3' },
      ],
    },
    { name: 'side', image: 'side:1' },
  );
  const env = (...names: string[]) => names.map((name) => ({ name, value: name }));

  it('merges a container by its name and leaves the others', () => {
    expect(patched(web, containers({ name: 'web', image: 'web:2' }))).toMatchObject(
      containers({ name: 'web', image: 'web:2', args: ['a', 'b'] }, { name: 'side', image: 'side:1' }),
    );
  });

  it('puts a new element after the patched one before it', () => {
    const doc = containers({ name: 'web', env: env('A', 'B', 'C') });
    expect(patched(doc, containers({ name: 'web', env: env('B', 'D') }))).toEqual(
      containers({ name: 'web', env: env('A', 'B', 'D', 'C') }),
    );
    expect(patched(web, containers({ name: 'first' }))).toMatchObject(
      containers({ name: 'first' }, { name: 'web' }, { name: 'side' }),
    );
  });

  it('deletes an element, replaces a list and orders it on demand', () => {
    const doc = containers({ name: 'web', env: env('A', 'B') });
    expect(patched(doc, containers({ name: 'web', env: [{ name: 'A', $patch: 'delete' }] }))).toEqual(
      containers({ name: 'web', env: env('B') }),
    );
    expect(patched(doc, containers({ name: 'web', env: [{ $patch: 'replace' }, ...env('Z')] }))).toEqual(
      containers({ name: 'web', env: env('Z') }),
    );
    const order = { '$setElementOrder/env': [{ name: 'N' }, { name: 'B' }, { name: 'A' }], env: env('N') };
    expect(patched(doc, containers({ name: 'web', ...order }))).toEqual(
      containers({ name: 'web', env: env('N', 'B', 'A') }),
    );
  });

  it('replaces a list without a merge key', () => {
    expect(patched(web, containers({ name: 'web', args: ['c'] }))).toMatchObject(
      containers({ name: 'web', args: ['c'] }, {}),
    );
  });

  it('merges finalizers as a set and deletes from it', () => {
    const doc = { metadata: { finalizers: ['a'] } };
    expect(patched(doc, { metadata: { finalizers: ['b'] } })).toEqual({
      metadata: { finalizers: ['b', 'a'] },
    });
    expect(patched(doc, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } })).toEqual({
      metadata: { finalizers: [] },
    });
  });

  it('keeps only the listed keys of a volume, so that its source can change', () => {
    const doc = pod({ volumes: [{ name: 'v', emptyDir: {} }] });
    const change = { name: 'v', $retainKeys: ['name', 'secret'], secret: { secretName: 's' } };
    expect(patched(doc, pod({ volumes: [change] }))).toEqual(
      pod({ volumes: [{ name: 'v', secret: { secretName: 's' } }] }),
    );
  });

  it('drops directives and nulls of what is new, but keeps directives as keys of a plain map', () => {
    expect(patched({}, pod({ volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: null }] }))).toEqual(
      pod({ volumes: [{ name: 'v' }] }),
    );
    expect(patched({}, pod({ nodeSelector: { $patch: 'replace', z: '1' } }))).toEqual(
      pod({ nodeSelector: { $patch: 'replace', z: '1' } }),
    );
  });

  it.each([
    [{ spec: { replicas: 'x' } }, 422, 'map[spec:map[replicas:x]]', 'unrecognized type: int32'],
    [{ spec: { template: [] } }, 422, 'map[spec:map[template:[]]]', 'cannot restore struct from: slice'],
    [
      { spec: { selector: { matchLabels: 'x' } } },
      422,
      'map[matchLabels:x]',
      'cannot restore map from string',
    ],
  ])('refuses %j because of its type', (patch, code, shown, fault) => {
    const refused = refusal(() => applyStrategicMergePatch({}, patch, DEPLOYMENT));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(shown);
    expect(refused.message?.endsWith(`: ${fault}`)).toBe(true);
  });

  it.each([
    [[{ image: 'nameless:1' }], 'map: map[image:nameless:1] does not contain declared merge key: name'],
    [[{ name: 'web', $patch: 'nope' }], 'unknown patch type: nope in map: map[$patch:nope name:web]'],
    [[{ $patch: 'delete' }], 'map: map[$patch:delete] does not contain declared merge key: name'],
    [[{ name: 'web', $patch: 'merge' }], 'merging lists cannot yet be specified in the patch'],
  ])('refuses the elements %j with 500, as the server does', (elements, message) => {
    expect(refusal(() => patched(web, pod({ containers: elements })))).toEqual({ code: 500, message });
  });

  it('refuses an order that the patch itself does not follow', () => {
    const change = { '$setElementOrder/env': [{ name: 'A' }, { name: 'B' }], env: env('B', 'A') };
    expect(refusal(() => patched(web, containers({ name: 'web', ...change }))).message).toMatch(
      /^The order in patch list:\n/,
    );
  });

  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const variable = fc.record({ name, value: fc.constantFrom('1', '2') });
  const variables = fc.uniqueArray(variable, { selector: (each) => each.name, maxLength: 4 });
  const container = fc.record({ name, env: variables, args: fc.array(name, { maxLength: 2 }) });
  const podArbitrary = fc
    .uniqueArray(container, { selector: (each) => each.name, maxLength: 3 })
    .map((list) => pod({ containers: list }));

  it('changes nothing when the same patch comes again', () => {
    fc.assert(
      fc.property(podArbitrary, podArbitrary, (doc, patch) => {
        const once = patched(doc, patch) as object;
        expect(patched(once, patch)).toEqual(once);
      }),
      { seed: 7386 },
    );
  });

  it('leaves document and patch as they were, and loses no element', () => {
    fc.assert(
      fc.property(podArbitrary, podArbitrary, (doc, patch) => {
        const before = JSON.stringify([doc, patch]);
        const merged = patched(doc, patch) as typeof doc;
        expect(JSON.stringify([doc, patch])).toBe(before);
        const namesOf = (each: { spec: object }) =>
          (each.spec as { containers: { name: string }[] }).containers.map((one) => one.name);
        expect(new Set(namesOf(merged))).toEqual(new Set([...namesOf(doc), ...namesOf(patch)]));
      }),
      { seed: 7386 },
    );
  });
});
