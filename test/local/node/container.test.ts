import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { containerPaths, processSpec } from '../../../src/local/node/container/command.js';
import { containerEnvironment, type Sources } from '../../../src/local/node/container/environment.js';
import { expand } from '../../../src/local/node/container/expand.js';
import { fieldValue, resourceValue } from '../../../src/local/node/container/fieldRef.js';
import { rewritePaths, rewriteServiceNames } from '../../../src/local/node/container/rewrite.js';
import type { LocalImage } from '../../../src/local/node/index.js';
import type { Container, EnvVar, Pod, Service } from '../../../src/local/objects/index.js';
import { podObject } from './cluster.js';

const container = (more: Partial<Container> = {}): Container => ({ name: 'main', image: 'i', ...more });
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'my-redis', namespace: 'default' },
  spec: { clusterIP: '127.96.0.7', ports: [{ name: 'tcp-redis', port: 6379 }] },
};
const sources: Sources = {
  configMap: (name) =>
    name === 'settings'
      ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { mode: 'fast', level: '3' } }
      : undefined,
  secret: (name) =>
    name === 'keys'
      ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { token: btoa('hush') } }
      : undefined,
  services: () => [service],
  capacity: { cpu: 2, memory: 8 * 2 ** 30 },
};
const environmentOf = (
  env: EnvVar[],
  more: Partial<Container> = {},
  pod: Pod = podObject('p', { containers: [] }),
) => containerEnvironment(pod, container({ env, ...more }), sources);

describe('$(NAME)', () => {
  it('is replaced when it is known, kept when it is not, and escaped by a second $', () => {
    const variables = new Map([['A', '1']]);
    expect(expand('$(A) $(B) $$(A) $A $', variables)).toBe('1 $(B) $(A) $A $');
  });
});

describe("a container's environment", () => {
  it('has services first, then envFrom, then env with references to what came before', () => {
    const result = environmentOf(
      [
        { name: 'URL', value: 'redis://$(MY_REDIS_SERVICE_HOST):$(MY_REDIS_SERVICE_PORT)/$(P_level)' },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      ],
      { envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }] },
    );
    const variables = Object.fromEntries(result.ok ? result.value : []);
    expect(variables).toMatchObject({
      URL: 'redis://127.96.0.7:6379/3',
      TOKEN: 'hush',
      P_mode: 'fast',
      MY_REDIS_SERVICE_PORT_TCP_REDIS: '6379',
      MY_REDIS_PORT_6379_TCP_ADDR: '127.96.0.7',
    });
  });

  it('leaves services out when the pod says so', () => {
    const pod = podObject('p', { containers: [], enableServiceLinks: false });
    expect(environmentOf([], {}, pod)).toEqual({ ok: true, value: new Map() });
  });

  it.each<[EnvVar, string]>([
    [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'x', key: 'k' } } }, 'configmap "x" not found'],
    [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k' } } }, 'secret "x" not found'],
    [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } },
      "couldn't find key k in ConfigMap default/settings",
    ],
  ])('cannot be made from %j', (variable, error) => {
    expect(environmentOf([variable])).toEqual({ ok: false, error });
  });

  it('does without what is optional', () => {
    const missing = { name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k', optional: true } } };
    const result = environmentOf([missing], { envFrom: [{ configMapRef: { name: 'x', optional: true } }] });
    expect(result.ok && result.value.has('A')).toBe(false);
  });
});

describe('the downward API', () => {
  const pod = podObject(
    'p',
    { containers: [container({ resources: { limits: { memory: '1Gi' } } })] },
    { b: '2', a: '1' },
  );

  it('prints labels and annotations as files, and single ones by key', () => {
    expect(fieldValue(pod, 'metadata.annotations')).toBe('a="1"\nb="2"');
    expect(fieldValue(pod, "metadata.annotations['b']")).toBe('2');
    expect(fieldValue(pod, "metadata.labels['none']")).toBe('');
    expect(fieldValue(pod, 'spec.containers')).toBeUndefined();
  });

  it('divides resources and falls back to what the node has', () => {
    const first = pod.spec.containers[0] ?? container();
    const value = (resource: string, divisor?: string) =>
      resourceValue(
        pod,
        first,
        { resource, ...(divisor === undefined ? {} : { divisor }) },
        sources.capacity,
      );
    expect(value('limits.memory', '1Mi')).toBe('1024');
    expect(value('limits.cpu')).toBe('2');
    expect(value('requests.memory', '1Gi')).toBe('1');
  });
});

describe('rewriting paths', () => {
  const paths = new Map([
    ['/etc/app', '/host/volumes/config'],
    ['/etc/app/secret', '/host/volumes/secret'],
    ['/models/', '/srv/models'],
  ]);

  it.each([
    ['/etc/app/x.json', '/host/volumes/config/x.json'],
    ['--config=/etc/app', '--config=/host/volumes/config'],
    ['/etc/app/secret/token', '/host/volumes/secret/token'],
    ['/etc/apple', '/etc/apple'],
    ['/etc/app-2', '/etc/app-2'],
    ['/srv/etc/app', '/srv/etc/app'],
    ['a:/etc/app:/models/m', 'a:/host/volumes/config:/srv/models/m'],
    ['file:///etc/app/x', 'file:///host/volumes/config/x'],
    ['http://host/etc/app', 'http://host/etc/app'],
    ['require("/etc/app/x")', 'require("/host/volumes/config/x")'],
  ])('%s', (text, expected) => {
    expect(rewritePaths(text, paths)).toBe(expected);
  });

  it('changes nothing in text that names no path', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/\/(etc\/app|models)/.test(text)),
        (text) => {
          expect(rewritePaths(text, paths)).toBe(text);
        },
      ),
      { seed: 7 },
    );
  });
});

describe('rewriting service names', () => {
  const find = (namespace: string, name: string) =>
    namespace === 'default' && name === 'my-redis' ? service : undefined;

  it.each([
    ['redis://my-redis.default.svc:6379/0', 'redis://127.96.0.7:6379/0'],
    ['http://my-redis.default.svc.cluster.local/x', 'http://127.96.0.7/x'],
    ['my-redis.other.svc', 'my-redis.other.svc'],
    ['x.my-redis.default.svc', 'x.my-redis.default.svc'],
    ['my-redis.default.svc.example.com', 'my-redis.default.svc.example.com'],
  ])('%s', (text, expected) => {
    expect(rewriteServiceNames(text, find)).toBe(expected);
  });
});

describe("a container's process", () => {
  const image: LocalImage = {
    matches: () => true,
    paths: { '/app': '/opt/gantry' },
    command: ['/tmp/checkout/bin/server'],
    args: ['--default'],
    env: (podIP) => ({ HOST: podIP, MODE: 'image' }),
  };
  const specOf = (more: Partial<Container>) =>
    processSpec(container(more), new Map([['MODE', 'mine']]), {
      image,
      podIP: '127.64.0.1',
      podName: 'p',
      paths: containerPaths(image, [{ name: 'tmp', mountPath: '/tmp' }], () => '/host/tmp'),
      findService: () => undefined,
      machineEnv: { PATH: '/bin', MODE: 'machine' },
      directory: '/host/work',
    });

  it("takes the image's entry point and arguments unless the container has its own", () => {
    expect(specOf({})).toMatchObject({ args: ['--default'] });
    expect(specOf({ args: ['--mode', '$(MODE)'] })).toMatchObject({ args: ['--mode', 'mine'] });
    expect(specOf({ command: ['/bin/sh'] })).toMatchObject({ command: '/bin/sh', args: [] });
    expect(specOf({ command: ['/app/bin/other'] })).toMatchObject({ command: '/opt/gantry/bin/other' });
  });

  it("runs an image's program where it is on the machine, even below a folder that the container has mounted", () => {
    expect(specOf({})?.command).toBe('/tmp/checkout/bin/server');
    expect(specOf({ args: ['/tmp/x'] })).toMatchObject({
      command: '/tmp/checkout/bin/server',
      args: ['/host/tmp/x'],
    });
  });

  it("lets the container's variables win over the image's, and those over the machine's", () => {
    expect(specOf({})?.env).toEqual({
      PATH: '/bin',
      TMPDIR: '/host/tmp',
      HOSTNAME: 'p',
      POD_IP: '127.64.0.1',
      HOST: '127.64.0.1',
      MODE: 'mine',
    });
    expect(specOf({ workingDir: '/app/data' })?.cwd).toBe('/opt/gantry/data');
    expect(specOf({})?.cwd).toBe('/host/work');
  });
});
