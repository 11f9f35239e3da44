import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { builtinSchema, type Schema } from '../../../../src/local/apiserver/schema/index.js';
import { OneObject } from './one-object.js';

const SEED = { seed: 2021 };

/** A custom resource with every kind of list and map. */
const SCHEMA: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        args: { type: 'array', items: { type: 'string' } },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['number', 'protocol'],
          items: {
            type: 'object',
            properties: {
              number: { type: 'integer' },
              protocol: { type: 'string', default: 'TCP' },
              name: { type: 'string' },
            },
          },
        },
        selector: {
          type: 'object',
          'x-kubernetes-map-type': 'atomic',
          additionalProperties: { type: 'string' },
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};

const word = fc.constantFrom('a', 'b', 'c');
const words = fc.uniqueArray(word, { maxLength: 3 });
/** A merged list without items is owned by nobody: only its items have owners. */
const someWords = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
const port = fc.record(
  { number: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP'), name: word },
  { requiredKeys: ['number'] },
);
const spec = fc.record(
  {
    replicas: fc.constantFrom(1, 2),
    tags: someWords,
    args: words,
    ports: fc.uniqueArray(port, {
      selector: ({ number, protocol = 'TCP' }) => `${number}/${protocol}`,
      minLength: 1,
      maxLength: 3,
    }),
    selector: fc.dictionary(word, word, { noNullPrototype: true }),
    labels: fc.dictionary(word, word, { noNullPrototype: true }),
    free: fc.dictionary(word, fc.oneof(word, words, fc.dictionary(word, word, { noNullPrototype: true })), {
      noNullPrototype: true,
    }),
  },
  { requiredKeys: [] },
);
const manager = fc.constantFrom('alice', 'bob', 'carol');
const step = fc.record({ manager, spec });
const history = fc.array(step, { maxLength: 5 });

function replay(steps: readonly { manager: string; spec: object }[]): OneObject {
  const object = new OneObject('demo.dev/v1', 'Model', SCHEMA);
  for (const { manager: name, spec: config } of steps)
    object.apply({ manager: name, force: true }, { spec: config });
  return object;
}

describe('whatever was applied before', () => {
  it('applying the same again changes nothing, not even a time', () => {
    fc.assert(
      fc.property(history, step, (steps, last) => {
        const object = replay([...steps, last]);
        const once = object.live;
        object.apply({ manager: last.manager, time: '2022-02-02T00:00:00Z' }, { spec: last.spec });
        expect(object.live).toEqual(once);
      }),
      SEED,
    );
  });

  it('the object says what was applied last', () => {
    fc.assert(
      fc.property(history, step, (steps, last) => {
        const live = replay([...steps, last]).live?.['spec'] as Record<string, unknown> | undefined;
        const { replicas, args, selector, tags = [] } = last.spec;
        if (replicas !== undefined) expect(live?.['replicas']).toBe(replicas);
        if (args !== undefined) expect(live?.['args']).toEqual(args);
        if (selector !== undefined) expect(live?.['selector']).toEqual(selector);
        expect(live?.['tags'] ?? []).toEqual(expect.arrayContaining(tags));
      }),
      SEED,
    );
  });

  it('a manager who gives everything up leaves no entry and nothing that was only his', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const object = replay(steps);
        for (const name of ['alice', 'bob', 'carol']) object.apply({ manager: name }, {});
        expect(object.owners()).toEqual({});
        const { spec: left = {} } = object.live as { spec?: object };
        expect(left).toEqual({});
      }),
      SEED,
    );
  });

  it('two managers who agree do not conflict', () => {
    fc.assert(
      fc.property(history, step, (steps, last) => {
        const object = replay([...steps, last]);
        const before = object.live?.['spec'];
        object.apply({ manager: 'dave' }, { spec: last.spec });
        expect(object.live?.['spec']).toEqual(before);
      }),
      SEED,
    );
  });
});

/** What should be owned by whom, said plainly for a flat map. */
class Model {
  readonly data = new Map<string, string>();
  readonly owners = new Map<string, Set<string>>();

  apply(name: string, config: Readonly<Record<string, string>>): void {
    const me = `${name} Apply`;
    for (const [key, value] of Object.entries(config)) this.set(key, value, me, true);
    for (const [key, who] of this.owners) {
      if (Object.hasOwn(config, key) || !who.delete(me)) continue;
      if (who.size === 0) this.remove(key);
    }
  }

  write(name: string, all: Readonly<Record<string, string>>): void {
    for (const key of [...this.data.keys()]) if (!Object.hasOwn(all, key)) this.remove(key);
    for (const [key, value] of Object.entries(all)) this.set(key, value, `${name} Update`, false);
  }

  private set(key: string, value: string, who: string, alsoWhenEqual: boolean): void {
    const same = this.data.get(key) === value;
    const before = same ? (this.owners.get(key) ?? new Set()) : new Set<string>();
    if (!same || alsoWhenEqual) before.add(who);
    this.owners.set(key, before);
    this.data.set(key, value);
  }

  private remove(key: string): void {
    this.data.delete(key);
    this.owners.delete(key);
  }
}

function ownersOfKeys(object: OneObject): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [who, fields] of Object.entries(object.owners())) {
    const data = (fields as { 'f:data'?: object })['f:data'] ?? {};
    for (const element of Object.keys(data)) {
      if (element === '.') continue;
      const key = element.slice(2);
      found.set(key, (found.get(key) ?? new Set()).add(who));
    }
  }
  return found;
}

describe('the keys of a map', () => {
  it('have the owners, and go with the last of them, as the rules say', () => {
    const data = fc.dictionary(fc.constantFrom('k', 'l', 'm', '__proto__'), fc.constantFrom('1', '2'), {
      noNullPrototype: true,
    });
    const action = fc.record({ kind: fc.constantFrom('apply', 'write'), manager, data });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
        const object = new OneObject('v1', 'ConfigMap', builtinSchema('', 'v1', 'ConfigMap'));
        const model = new Model();
        for (const { kind, manager: name, data: config } of actions) {
          // An update of an object without owners is not tracked: there must be one.
          if (kind === 'apply' || model.owners.size === 0) {
            object.apply({ manager: name, force: true }, { data: config });
            model.apply(name, config);
          } else {
            object.write({ manager: name }, { data: config });
            model.write(name, config);
          }
          const live = (object.live as { data?: Record<string, string> }).data ?? {};
          expect(new Map(Object.entries(live))).toEqual(model.data);
          expect(ownersOfKeys(object)).toEqual(model.owners);
        }
      }),
      SEED,
    );
  });
});
