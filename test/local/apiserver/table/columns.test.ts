import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../../src/kube/index.js';
import { builtinColumns, customColumns, toTable } from '../../../../src/local/apiserver/table/index.js';

const NOW = Date.parse('2021-01-01T01:00:00Z');
const BORN = '2021-01-01T00:00:00Z';

/** The cells of an object by column, wide ones included. */
function cells(kind: string, rest: object, metadata: object = {}): Record<string, unknown> {
  const object = {
    apiVersion: 'v1',
    kind,
    metadata: { name: 'x', creationTimestamp: BORN, ...metadata },
    ...rest,
  } as KubeObject;
  return Object.fromEntries(
    builtinColumns(kind).map((column) => [column.definition.name, column.cell(object, NOW)]),
  );
}

describe('columns of built-in kinds', () => {
  it.each<[string, object, Record<string, unknown>]>([
    [
      'Deployment',
      {
        spec: {
          replicas: 3,
          selector: {
            matchLabels: { app: 'web' },
            matchExpressions: [{ key: 'tier', operator: 'In', values: ['b', 'a'] }],
          },
          template: {
            spec: {
              containers: [
                { name: 'web', image: 'web:1' },
                { name: 'side', image: 'side:2' },
              ],
            },
          },
        },
        status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
      },
      {
        Ready: '2/3',
        'Up-to-date': 3,
        Available: 1,
        Age: '60m',
        Containers: 'web,side',
        Images: 'web:1,side:2',
        Selector: 'app=web,tier in (a,b)',
      },
    ],
    [
      'ReplicaSet',
      { spec: { replicas: 2 }, status: { replicas: 1 } },
      { Desired: 2, Current: 1, Ready: 0, Selector: '<none>' },
    ],
    ['StatefulSet', { spec: { replicas: 2 }, status: { readyReplicas: 1 } }, { Ready: '1/2' }],
    [
      'DaemonSet',
      { status: { desiredNumberScheduled: 2, numberReady: 1 } },
      { Desired: 2, Ready: 1, 'Node Selector': '<none>' },
    ],
    [
      'Job',
      {
        spec: { completions: 3 },
        status: { succeeded: 1, startTime: BORN, completionTime: '2021-01-01T00:00:42Z' },
      },
      { Completions: '1/3', Duration: '42s' },
    ],
    [
      'Job',
      { spec: { parallelism: 4 }, status: { startTime: BORN } },
      { Completions: '0/1 of 4', Duration: '60m' },
    ],
    [
      'CronJob',
      { spec: { schedule: '0 3 * * *', suspend: true }, status: { active: [{}], lastScheduleTime: BORN } },
      { Schedule: '0 3 * * *', Timezone: '<none>', Suspend: 'True', Active: 1, 'Last Schedule': '60m' },
    ],
    [
      'HorizontalPodAutoscaler',
      {
        spec: {
          scaleTargetRef: { kind: 'Deployment', name: 'web' },
          minReplicas: 2,
          maxReplicas: 5,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } },
            { type: 'Pods', pods: { target: { averageValue: '10' } } },
            { type: 'External', external: { target: { value: '3' } } },
          ],
        },
        status: {
          currentReplicas: 2,
          currentMetrics: [{ resource: { current: { averageUtilization: 12 } } }],
        },
      },
      {
        Reference: 'Deployment/web',
        Targets: '12%/70%, <unknown>/10 + 1 more...',
        MinPods: '2',
        MaxPods: 5,
        Replicas: 2,
      },
    ],
    [
      'PodDisruptionBudget',
      { spec: { maxUnavailable: 1 } },
      { 'Min Available': 'N/A', 'Max Unavailable': '1', 'Allowed Disruptions': 0 },
    ],
    ['ConfigMap', { data: { a: '1' }, binaryData: { b: 'eA==' } }, { Data: 2 }],
    [
      'Service',
      {
        spec: {
          type: 'NodePort',
          clusterIP: '10.0.0.1',
          ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
        },
      },
      { 'Cluster-IP': '10.0.0.1', 'External-IP': '<none>', 'Port(s)': '80:30080/TCP', Selector: '<none>' },
    ],
    ['Service', { spec: { type: 'LoadBalancer' } }, { 'External-IP': '<pending>', 'Port(s)': '<none>' }],
    [
      'Service',
      { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
      { 'External-IP': '1.2.3.4' },
    ],
    [
      'Service',
      { spec: { type: 'ExternalName', externalName: 'example.com' } },
      { 'External-IP': 'example.com' },
    ],
    [
      'Endpoints',
      { subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '::1' }], ports: [{ port: 1 }, { port: 2 }] }] },
      { Endpoints: '10.0.0.1:1,[::1]:1,10.0.0.1:2 + 1 more...' },
    ],
    [
      'EndpointSlice',
      { addressType: 'IPv4', ports: [{ port: 8080 }], endpoints: [{ addresses: ['10.0.0.1'] }] },
      { AddressType: 'IPv4', Ports: '8080', Endpoints: '10.0.0.1' },
    ],
    [
      'Node',
      {
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
          nodeInfo: { kubeletVersion: 'v1' },
        },
      },
      {
        Status: 'Ready,SchedulingDisabled',
        Roles: '<none>',
        Version: 'v1',
        'Internal-IP': '127.0.0.1',
        'External-IP': '<none>',
        'OS-Image': '<unknown>',
      },
    ],
    [
      'PersistentVolumeClaim',
      {
        spec: { volumeName: 'pv' },
        status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
      },
      { Status: 'Bound', Volume: 'pv', Capacity: '1Gi', 'Access Modes': 'RWO' },
    ],
    [
      'RoleBinding',
      {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'ServiceAccount', namespace: 'n', name: 's' },
          { kind: 'User', name: 'u' },
        ],
      },
      { Role: 'Role/r', Users: 'u', Groups: '', ServiceAccounts: 'n/s' },
    ],
    ['Role', { rules: [] }, { Name: 'x', 'Created At': BORN }],
    ['Scale', { spec: { replicas: 2 }, status: { replicas: 1 } }, { Desired: 2, Available: 1 }],
  ])('%s', (kind, rest, expected) => {
    expect(cells(kind, rest)).toMatchObject(expected);
  });

  it('say of an event when it was last seen, by whatever it carries', () => {
    const about = { involvedObject: { kind: 'Pod', name: 'p' }, message: ' it is done ' };
    expect(cells('Event', { ...about, lastTimestamp: '2021-01-01T00:59:55Z', count: 3 })).toMatchObject({
      'Last Seen': '5s',
      Object: 'pod/p',
      Message: 'it is done',
      Count: 3,
    });
    const series = { series: { count: 7, lastObservedTime: '2021-01-01T00:59:50.600000Z' }, eventTime: BORN };
    expect(cells('Event', { ...about, ...series })).toMatchObject({
      'Last Seen': '9s',
      'First Seen': '60m',
      Count: 7,
    });
    expect(cells('Event', about)).toMatchObject({ 'Last Seen': '<unknown>', Count: 1 });
  });

  it('are described, every one of them', () => {
    for (const kind of [
      'Pod',
      'Service',
      'Deployment',
      'Node',
      'CronJob',
      'EndpointSlice',
      'ResourceQuota',
    ]) {
      for (const { definition } of builtinColumns(kind)) expect(definition.description).not.toBe('');
    }
  });
});

describe('columns of custom resources', () => {
  const object = {
    apiVersion: 'demo.dev/v1',
    kind: 'Model',
    metadata: { name: 'm', creationTimestamp: BORN },
    spec: { n: 2.7, on: false, text: 'x', map: { b: 1, a: [2] }, when: BORN, bad: 'soon' },
  } as KubeObject;

  it.each([
    ['integer', '.spec.n', 2],
    ['number', '.spec.n', 2.7],
    ['boolean', '.spec.on', false],
    ['string', '.spec.text', 'x'],
    ['string', '.spec.n', '2.7'],
    ['string', '.spec.on', 'false'],
    ['string', '.spec.map', '{"a":[2],"b":1}'],
    ['date', '.spec.when', '60m'],
    ['date', '.spec.bad', '<invalid>'],
    ['integer', '.spec.text', null],
    ['boolean', '.spec.text', null],
    ['date', '.spec.n', null],
    ['string', '.spec.missing', null],
    ['string', '.spec[', null],
  ])('a column of type %s at %s shows %j', (type, jsonPath, cell) => {
    const [, column] = customColumns([{ name: 'C', type, jsonPath }]);
    expect(column?.cell(object, NOW)).toEqual(cell);
  });

  it('are name and age when the definition names none', () => {
    const [name, age] = customColumns(undefined);
    expect([name?.cell(object, NOW), age?.cell(object, NOW)]).toEqual(['m', '60m']);
    expect(age?.definition.type).toBe('date');
  });

  it('come with the object, its metadata or nothing, and with their definitions once', () => {
    const columns = customColumns(undefined);
    const options = { now: NOW, listMeta: { resourceVersion: '7' } };
    const whole = toTable([object], columns, { ...options, includeObject: 'Object' });
    expect(whole.metadata).toEqual({ resourceVersion: '7' });
    expect(whole.rows[0]?.object).toBe(object);
    const later = toTable([object], columns, { ...options, includeObject: 'Metadata', withColumns: false });
    expect(later.columnDefinitions).toBeNull();
    expect(later.rows[0]?.object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
    });
    expect(toTable([object], columns, { ...options, includeObject: 'None' }).rows[0]?.object).toBeNull();
  });
});
