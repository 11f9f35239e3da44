import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type KubeObject, resourceTypes } from '../../../src/kube/index.js';
import { type Condition, isPodReady, type Pod, podCondition } from '../../../src/local/objects/index.js';
import { endOrphans } from '../../../src/local/node/pod/folder.js';
import { podObject, type ProcessCluster, readAll, startCluster, until } from './cluster.js';

const IMAGE = 'example.com/node:1';
const WAIT = 'setInterval(() => undefined, 1000)';

describe('pods on a node of processes', () => {
  let cluster: ProcessCluster;

  beforeEach(async () => {
    cluster = await startCluster();
  });

  afterEach(async () => {
    await cluster.stop();
    await cluster.remove();
  });

  const create = (pod: Pod) => cluster.client.create(resourceTypes.pods, pod);
  const whenPod = (name: string, what: string, test: (pod: Pod) => boolean) =>
    until(`${name} ${what}`, async () => {
      const pod = await cluster.pod(name);
      return test(pod) ? pod : undefined;
    });
  const logOf = async (name: string, options = {}) =>
    readAll(await cluster.node.podLogs('default', name, options));
  const eventsOf = async (name: string) => {
    const fieldSelector = `involvedObject.name=${name}`;
    const { items } = await cluster.client.list<KubeObject>(resourceTypes.coreEvents, {
      namespace: 'default',
      fieldSelector,
    });
    return items.map(
      (event) => `${String(event['type'])} ${String(event['reason'])} ${String(event['message'])}`,
    );
  };
  const conditions = (pod: Pod) =>
    Object.fromEntries((pod.status?.conditions ?? []).map(({ type, status }: Condition) => [type, status]));

  it('runs init containers first, then the rest with their environment and volumes', async () => {
    await cluster.client.create(resourceTypes.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { mode: 'fast', 'app.json': '{}' },
    });
    await create(
      podObject('whole', {
        restartPolicy: 'Never',
        initContainers: [
          {
            name: 'first',
            image: IMAGE,
            command: ['/bin/sh', '-c', 'echo made > /scratch/made'],
            volumeMounts: [{ name: 'work', mountPath: '/scratch' }],
          },
        ],
        containers: [
          {
            name: 'main',
            image: IMAGE,
            command: [
              '/bin/sh',
              '-c',
              'cat /scratch/made /etc/settings/app.json; echo; echo $(MODE)-$LISTEN-$NAME-$HOME_DIR',
            ],
            env: [
              { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
              { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'HOME_DIR', value: '/app/$(MODE)' },
            ],
            volumeMounts: [
              { name: 'work', mountPath: '/scratch' },
              { name: 'settings', mountPath: '/etc/settings' },
            ],
          },
        ],
        volumes: [
          { name: 'work', emptyDir: {} },
          { name: 'settings', configMap: { name: 'settings' } },
        ],
      }),
    );
    const pod = await whenPod('whole', 'to succeed', ({ status }) => status?.phase === 'Succeeded');
    const log = await logOf('whole');
    expect(log).toBe(`made\n{}\nfast-${pod.status?.podIP ?? ''}-whole-/opt/app/fast\n`);
    expect(pod.status?.initContainerStatuses?.[0]?.state?.terminated?.reason).toBe('Completed');
    expect(podCondition(pod, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
  }, 30_000);

  it('refreshes a volume when its ConfigMap or an annotation changes', async () => {
    const settings = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { weight: '10' },
    } as KubeObject;
    await cluster.client.create(resourceTypes.configMaps, settings);
    const spec: Pod['spec'] = {
      containers: [{ name: 'main', image: IMAGE, args: ['-e', WAIT] }],
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        {
          name: 'info',
          downwardAPI: {
            items: [{ path: 'traffic', fieldRef: { fieldPath: "metadata.annotations['traffic']" } }],
          },
        },
      ],
    };
    await create(podObject('live', spec, { traffic: 'none' }));
    const pod = await whenPod('live', 'to be ready', isPodReady);
    const folder = join(cluster.home, 'pods', pod.metadata.uid ?? '', 'volumes');
    expect(await readFile(join(folder, 'info/traffic'), 'utf8')).toBe('none');
    const ref = { namespace: 'default', name: 'live' };
    const annotations = { metadata: { annotations: { traffic: 'half' } } };
    await cluster.client.patch(resourceTypes.pods, ref, annotations, { type: 'merge' });
    const weights = { namespace: 'default', name: 'settings' };
    await cluster.client.patch(
      resourceTypes.configMaps,
      weights,
      { data: { weight: '20' } },
      { type: 'merge' },
    );
    await until('the new files', async () => {
      const traffic = await readFile(join(folder, 'info/traffic'), 'utf8');
      const weight = await readFile(join(folder, 'settings/weight'), 'utf8');
      return traffic === 'half' && weight === '20' ? true : undefined;
    });
    expect((await stat(cluster.home)).mode & 0o777).toBe(0o700);
  }, 30_000);

  it('restarts a failing container at once, then backs off', async () => {
    await create(
      podObject('crash', {
        containers: [{ name: 'main', image: IMAGE, args: ['-e', 'console.log("run"); process.exit(3)'] }],
      }),
    );
    const pod = await whenPod(
      'crash',
      'to back off',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    const status = pod.status?.containerStatuses?.[0];
    expect(status?.restartCount).toBe(1);
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(status?.state?.waiting?.message).toMatch(
      /^back-off 10s restarting failed container=main pod=crash_default\(/,
    );
    expect(pod.status?.phase).toBe('Running');
    expect(await logOf('crash', { previous: true })).toBe('run\n');
    const events = await until('the events', async () => {
      const found = await eventsOf('crash');
      return found.some((event) => event.includes('BackOff')) ? found : undefined;
    });
    expect(events).toContain('Normal Started Started container main');
    expect(events.find((event) => event.startsWith('Warning BackOff'))).toMatch(
      /^Warning BackOff Back-off restarting failed container main in pod crash_default\(/,
    );
  }, 30_000);

  it('says which images it cannot run, which configuration is missing, and what cannot be mounted', async () => {
    await create(podObject('unknown', { containers: [{ name: 'main', image: 'docker.io/nginx' }] }));
    const missing = { name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'k' } } };
    await create(podObject('config', { containers: [{ name: 'main', image: IMAGE, env: [missing] }] }));
    await create(
      podObject('mount', {
        containers: [{ name: 'main', image: IMAGE }],
        volumes: [{ name: 'v', secret: { secretName: 'none' } }],
      }),
    );
    const waiting = (pod: Pod) => pod.status?.containerStatuses?.[0]?.state?.waiting;
    const unknown = await whenPod('unknown', 'to fail', (pod) => waiting(pod)?.reason === 'ErrImagePull');
    expect(waiting(unknown)?.message).toMatch(/docker.io\/nginx.*runs only images/);
    const config = await whenPod(
      'config',
      'to fail',
      (pod) => waiting(pod)?.reason === 'CreateContainerConfigError',
    );
    expect(waiting(config)?.message).toBe('configmap "none" not found');
    const mount = await whenPod('mount', 'to wait', (pod) => waiting(pod)?.reason === 'ContainerCreating');
    expect(conditions(mount)).toMatchObject({
      PodReadyToStartContainers: 'False',
      Ready: 'False',
      PodScheduled: 'True',
    });
    const events = await until('the events', async () => {
      const found = await eventsOf('mount');
      return found.some((event) => event.includes('FailedMount')) ? found : undefined;
    });
    expect(events).toContain(
      'Warning FailedMount MountVolume.SetUp failed for volume "v" : secret "none" not found',
    );
    await expect(cluster.node.podLogs('default', 'unknown', {})).rejects.toThrow(
      'container "main" in pod "unknown" is waiting to start: ErrImagePull',
    );
  }, 30_000);

  it('ends a deleted pod with SIGTERM and, when that does not help, with SIGKILL', async () => {
    const deaf = `process.on('SIGTERM', () => console.log('heard')); console.log('up'); ${WAIT}`;
    await create(podObject('deaf', { containers: [{ name: 'main', image: IMAGE, args: ['-e', deaf] }] }));
    await whenPod('deaf', 'to be ready', isPodReady);
    await until('the process to be up', async () => ((await logOf('deaf')) === 'up\n' ? true : undefined));
    const follow = await cluster.node.podLogs('default', 'deaf', { follow: true });
    await cluster.client.delete(resourceTypes.pods, { namespace: 'default', name: 'deaf' });
    expect(await readAll(follow)).toBe('up\nheard\n');
    await until('the pod to be gone', async () => ((await cluster.pods()).length === 0 ? true : undefined));
  }, 30_000);

  it('tells why a pod cannot be scheduled', async () => {
    await create(
      podObject('picky', { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'main', image: IMAGE }] }),
    );
    const pod = await whenPod(
      'picky',
      'to be refused',
      (each) => podCondition(each, 'PodScheduled') !== undefined,
    );
    expect(podCondition(pod, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    });
  }, 30_000);

  it('takes up its pods again after a restart, in new processes at the same addresses', async () => {
    await create(podObject('again', { containers: [{ name: 'main', image: IMAGE, args: ['-e', WAIT] }] }));
    const before = await whenPod('again', 'to be ready', isPodReady);
    await cluster.stop();
    cluster = await startCluster(cluster);
    const after = await whenPod(
      'again',
      'to run again',
      (pod) => isPodReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1,
    );
    expect(after.status?.podIP).toBe(before.status?.podIP);
    expect(endOrphans(cluster.home)).toBe(1);
  }, 30_000);
});
