import { describe, expect, it } from '@jest/globals';
import { type KubeObject, resourceTypes } from '../../../src/kube/index.js';
import { OwnerGraph } from '../../../src/local/controllers/garbage/graph.js';
import { type OwnerState, planGarbage } from '../../../src/local/controllers/garbage/plan.js';

interface Traits {
  readonly owners?: string[];
  readonly finalizers?: string[];
  readonly deleting?: boolean;
  readonly blocking?: boolean;
}

function objectOf(
  uid: string,
  { owners = [], finalizers, deleting, blocking = true }: Traits = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: uid,
      uid,
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(deleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      ownerReferences: owners.map((owner) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: owner,
        uid: owner,
        blockOwnerDeletion: blocking,
      })),
    },
  };
}

const plan = (object: KubeObject, owners: Record<string, OwnerState> = {}, dependents: KubeObject[] = []) =>
  planGarbage({ object, owners: new Map(Object.entries(owners)), dependents });

describe('the garbage collector', () => {
  it('leaves alone what has no owner, or one that lives', () => {
    expect(plan(objectOf('a'))).toEqual({ kind: 'nothing' });
    expect(plan(objectOf('a', { owners: ['o'] }), { o: 'solid' })).toEqual({ kind: 'nothing' });
  });

  it('deletes what lost its last owner, in the way its finalizers ask for', () => {
    const owners = ['o'];
    expect(plan(objectOf('a', { owners }), { o: 'gone' })).toEqual({ kind: 'delete', policy: 'Background' });
    expect(plan(objectOf('a', { owners, finalizers: ['orphan'] }), { o: 'gone' })).toEqual({
      kind: 'delete',
      policy: 'Orphan',
    });
  });

  it('takes away only the dead reference while another owner lives', () => {
    const object = objectOf('a', { owners: ['dead', 'alive'] });
    expect(plan(object, { dead: 'gone', alive: 'solid' })).toEqual({ kind: 'unreference', uids: ['dead'] });
  });

  it('deletes in the foreground what has dependents of its own while its owner waits', () => {
    const object = objectOf('a', { owners: ['o'] });
    expect(plan(object, { o: 'waiting' })).toEqual({ kind: 'delete', policy: 'Background' });
    expect(plan(object, { o: 'waiting' }, [objectOf('b', { owners: ['a'] })])).toEqual({
      kind: 'delete',
      policy: 'Foreground',
    });
  });

  it('lets an owner go when nothing blocks it any more', () => {
    const owner = objectOf('o', { deleting: true, finalizers: ['foregroundDeletion'] });
    const blocking = objectOf('a', { owners: ['o'] });
    expect(plan(owner, {}, [blocking])).toEqual({ kind: 'deleteDependents', dependents: [blocking] });
    const free = objectOf('b', { owners: ['o'], blocking: false });
    expect(plan(owner, {}, [free])).toEqual({ kind: 'removeFinalizer', finalizer: 'foregroundDeletion' });
  });

  it('orphans dependents before the owner goes', () => {
    const owner = objectOf('o', { deleting: true, finalizers: ['orphan'] });
    const child = objectOf('a', { owners: ['o'] });
    expect(plan(owner, {}, [child])).toEqual({ kind: 'orphan', dependents: [child] });
  });
});

describe('the graph of owners', () => {
  it('follows references as they come, change and go', () => {
    const graph = new OwnerGraph();
    const type = resourceTypes.configMaps;
    graph.put(type, objectOf('a', { owners: ['o', 'p'] }));
    expect(graph.dependentsOf('o').map(({ object }) => object.metadata.uid)).toEqual(['a']);
    graph.put(type, objectOf('a', { owners: ['p'] }));
    expect(graph.dependentsOf('o')).toEqual([]);
    graph.remove('a');
    expect(graph.dependentsOf('p')).toEqual([]);
    expect(graph.isAbsent('a')).toBe(true);
  });

  it('remembers a bounded number of absent owners', () => {
    const graph = new OwnerGraph();
    for (let index = 0; index < 600; index += 1) graph.noteAbsent(`u${index}`);
    expect(graph.isAbsent('u0')).toBe(false);
    expect(graph.isAbsent('u599')).toBe(true);
  });
});
