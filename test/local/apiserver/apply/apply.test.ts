import { describe, expect, it } from '@jest/globals';
import { builtinSchema } from '../../../../src/local/apiserver/schema/index.js';
import { StatusError } from '../../../../src/local/apiserver/status.js';
import { OneObject } from './one-object.js';

const configMap = () => new OneObject('v1', 'ConfigMap', builtinSchema('', 'v1', 'ConfigMap'));
const deployment = () => new OneObject('apps/v1', 'Deployment', builtinSchema('apps', 'v1', 'Deployment'));

function refusal(action: () => unknown): StatusError['status'] {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('was not refused');
}

describe('server-side apply', () => {
  it('owns what the configuration says, and removes what it stops saying', () => {
    const object = configMap();
    object.apply({ manager: 'alice' }, { data: { k: 'v', l: 'w' } });
    expect(object.owners()).toEqual({ 'alice Apply': { 'f:data': { 'f:k': {}, 'f:l': {} } } });
    expect(object.apply({ manager: 'alice' }, { data: { k: 'v' } })['data']).toEqual({ k: 'v' });
    expect(object.owners()).toEqual({ 'alice Apply': { 'f:data': { 'f:k': {} } } });
    const bare = object.apply({ manager: 'alice' }, {});
    expect(bare['data']).toBeUndefined();
    expect(bare.metadata.managedFields).toBeUndefined();
  });

  it('keeps the time of an entry when the same is applied again', () => {
    const object = configMap();
    const first = object.apply({ manager: 'alice' }, { data: { k: 'v' } });
    const again = object.apply({ manager: 'alice', time: '2021-02-02T00:00:00Z' }, { data: { k: 'v' } });
    expect(again).toEqual(first);
  });

  it('gives an entry no time while its applier has changed nothing of the object', () => {
    const object = configMap();
    object.write({ manager: 'dave' }, { data: { k: 'v' } });
    const shared = object.apply({ manager: 'alice' }, { data: { k: 'v' } });
    expect(shared.metadata.managedFields?.[0]).not.toHaveProperty('time');
    expect(shared.metadata.managedFields).toMatchObject([{ manager: 'alice' }, { manager: 'dave' }]);
    const changed = object.apply({ manager: 'alice', time: '2021-02-02T00:00:00Z' }, { data: { l: 'w' } });
    expect(changed.metadata.managedFields?.[0]).toHaveProperty('time', '2021-02-02T00:00:00Z');
  });

  it('refuses to take a field, naming its owner, and takes it by force', () => {
    const object = configMap();
    object.apply({ manager: 'alice' }, { data: { k: '1', l: '1' } });
    expect(refusal(() => object.apply({ manager: 'bob' }, { data: { k: '2', l: '2' } }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 2 conflicts: conflicts with "alice":\n- .data.k\n- .data.l',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.k' },
          { reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.l' },
        ],
      },
    });
    object.apply({ manager: 'bob', force: true }, { data: { k: '2' } });
    expect(object.owners()).toEqual({
      'alice Apply': { 'f:data': { 'f:l': {} } },
      'bob Apply': { 'f:data': { 'f:k': {} } },
    });
  });

  it('leaves a field that another applier owns too, and removes it when that one drops it', () => {
    const object = configMap();
    object.apply({ manager: 'alice' }, { data: { k: '1' } });
    object.apply({ manager: 'bob' }, { data: { k: '1' } });
    expect(object.apply({ manager: 'alice' }, {})['data']).toEqual({ k: '1' });
    expect(object.apply({ manager: 'bob' }, {})['data']).toBeUndefined();
  });

  it('conflicts with an updater, saying in which version it wrote', () => {
    const object = configMap();
    object.write({ manager: 'carol' }, { data: { l: '9' } });
    expect(refusal(() => object.apply({ manager: 'alice' }, { data: { l: '1' } })).message).toBe(
      'Apply failed with 1 conflict: conflict with "carol" using v1: .data.l',
    );
  });

  it('takes an object nobody was tracked on as owned by before-first-apply', () => {
    const object = configMap();
    object.live = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', uid: 'u' },
      data: { l: '1' },
    };
    expect(refusal(() => object.apply({ manager: 'alice' }, { data: { l: '2' } })).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.l',
    );
  });

  it('merges containers by name, ports by number and protocol, and replaces args as a whole', () => {
    const object = deployment();
    const podSpec = (spec: object) => ({ spec: { template: { spec } } });
    object.apply(
      { manager: 'alice' },
      podSpec({
        containers: [
          { name: 'web', image: 'web:1', args: ['x'], ports: [{ containerPort: 80, protocol: 'TCP' }] },
        ],
      }),
    );
    object.apply(
      { manager: 'bob' },
      podSpec({
        containers: [{ name: 'web', ports: [{ containerPort: 80, protocol: 'UDP' }] }, { name: 'side' }],
      }),
    );
    expect(object.live).toMatchObject(
      podSpec({
        containers: [
          {
            name: 'web',
            image: 'web:1',
            ports: [
              { containerPort: 80, protocol: 'TCP' },
              { containerPort: 80, protocol: 'UDP' },
            ],
          },
          { name: 'side' },
        ],
      }),
    );
    expect(
      refusal(() =>
        object.apply({ manager: 'dave' }, podSpec({ containers: [{ name: 'web', args: ['z'] }] })),
      ).message,
    ).toBe(
      'Apply failed with 1 conflict: conflict with "alice": .spec.template.spec.containers[name="web"].args',
    );
    object.apply({ manager: 'bob' }, podSpec({ containers: [{ name: 'side' }] }));
    expect(object.live).toMatchObject(
      podSpec({ containers: [{ ports: [{ containerPort: 80, protocol: 'TCP' }] }, { name: 'side' }] }),
    );
  });

  describe('by kubectl, after its client-side apply', () => {
    const LAST = 'kubectl.kubernetes.io/last-applied-configuration';
    const configuration = (data: object) =>
      `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data })}\n`;
    const clientSide = (object: OneObject, data: object) =>
      object.write(
        { manager: 'kubectl-client-side-apply' },
        { metadata: { name: 'a', annotations: { [LAST]: configuration(data) } }, data },
      );

    it('takes over what the annotation says, and keeps the annotation up to date', () => {
      const object = configMap();
      clientSide(object, { k: '1' });
      const applied = object.apply({ manager: 'kubectl' }, { data: { k: '2' } });
      expect(applied['data']).toEqual({ k: '2' });
      expect(applied.metadata.annotations).toEqual({ [LAST]: configuration({ k: '2' }) });
    });

    it('still conflicts where somebody else has changed the value since, and for anybody else', () => {
      const object = configMap();
      clientSide(object, { k: '1', l: '1' });
      object.write({ manager: 'other' }, { metadata: object.live?.metadata, data: { k: '9', l: '1' } });
      expect(refusal(() => object.apply({ manager: 'kubectl' }, { data: { k: '2', l: '2' } })).message).toBe(
        'Apply failed with 1 conflict: conflict with "other" using v1: .data.k',
      );
      expect(refusal(() => object.apply({ manager: 'alice' }, { data: { l: '2' } })).message).toBe(
        'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.l',
      );
    });
  });

  it.each([
    [{ nope: 1 }, '.nope: field not declared in schema'],
    [{ data: { k: 5 } }, '.data.k: expected string, got &value.valueUnstructured{Value:5}'],
  ])('refuses what does not fit the schema: %j', (rest, fault) => {
    expect(refusal(() => configMap().apply({ manager: 'm' }, rest))).toMatchObject({
      code: 500,
      message: `failed to create typed patch object (/a; /v1, Kind=ConfigMap): ${fault}`,
    });
  });
});

describe('managedFields of updates', () => {
  it('lists what a create sets, but not what the type always has', () => {
    const object = deployment();
    object.write(
      { manager: 'creator' },
      {
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'web' } },
          strategy: { rollingUpdate: { maxSurge: '25%' }, type: 'RollingUpdate' },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'web', resources: {} }], securityContext: {} },
          },
        },
      },
    );
    expect(object.owners()).toEqual({
      'creator Update': {
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} }, 'f:type': {} },
          'f:template': {
            'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
            'f:spec': {
              'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, 'f:resources': {} } },
              'f:securityContext': {},
            },
          },
        },
      },
    });
  });

  it('moves a changed field to who changed it, and drops one that is gone', () => {
    const object = configMap();
    object.write({ manager: 'corpus' }, { data: { k: '1', l: '1' } });
    object.write({ manager: 'other' }, { data: { k: '2' } });
    expect(object.owners()).toEqual({
      'corpus Update': { 'f:data': {} },
      'other Update': { 'f:data': { 'f:k': {} } },
    });
  });

  it('clears all entries on request and tracks nobody after that', () => {
    const object = configMap();
    object.write({ manager: 'corpus' }, { data: { k: '1' } });
    object.write(
      { manager: 'corpus' },
      { metadata: { name: 'a', uid: 'u', managedFields: [] }, data: { k: '1' } },
    );
    expect(object.owners()).toEqual({});
    object.write({ manager: 'corpus' }, { data: { k: '2' } });
    expect(object.owners()).toEqual({});
  });

  it('keeps at most ten updaters, the oldest together as ancient-changes', () => {
    const object = configMap();
    const data: Record<string, string> = {};
    for (let i = 10; i < 25; i++) {
      data[`k${i}`] = 'v';
      object.write({ manager: `m${i}`, time: `2021-01-01T00:00:${i}Z` }, { data: { ...data } });
    }
    const owners = object.owners();
    expect(Object.keys(owners)).toHaveLength(10);
    expect(owners['ancient-changes Update']).toMatchObject({ 'f:data': { 'f:k10': {}, 'f:k15': {} } });
    expect(owners['m24 Update']).toEqual({ 'f:data': { 'f:k24': {} } });
  });
});
