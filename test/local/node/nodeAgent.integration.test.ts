import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/kube/index.js';
import { type Deployment, isPodReady, type Service } from '../../../src/local/objects/index.js';
import { fetchText, type ProcessCluster, readAll, SERVER, startCluster, until } from './cluster.js';

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'web',
            image: 'example.com/node:1',
            args: ['-e', SERVER],
            ports: [{ name: 'http', containerPort: 8080 }],
            readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
            lifecycle: { preStop: { sleep: { seconds: 1 } } },
          },
        ],
      },
    },
  },
};

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 'http' }] },
};

describe('a deployment and a service on a node of processes', () => {
  let cluster: ProcessCluster;
  let host: string;

  beforeEach(async () => {
    cluster = await startCluster();
    await cluster.client.create(resourceTypes.deployments, deployment);
    host = (await cluster.client.create(resourceTypes.services, service)).spec.clusterIP ?? '';
    await until('two ready pods', async () => {
      const ready = (await cluster.pods()).filter(isPodReady);
      return ready.length === 2 ? true : undefined;
    });
    await until('the service to answer', () => fetchText(host, 8080).catch(() => undefined));
  });

  afterEach(async () => {
    await cluster.stop();
    await cluster.remove();
  });

  it('balances over both pods and brings a killed process back', async () => {
    const names = (await cluster.pods()).map(({ metadata }) => metadata.name).sort();
    const answers = await until('both pods to answer', async () => {
      const seen = new Set<string>();
      for (let index = 0; index < 4; index += 1) seen.add(await fetchText(host, 8080));
      return seen.size === 2 ? seen : undefined;
    });
    expect([...answers].sort()).toEqual(names);

    const containerID = (await cluster.pods())[0]?.status?.containerStatuses?.[0]?.containerID ?? '';
    process.kill(Number(/process:\/\/(\d+)/.exec(containerID)?.[1]), 'SIGKILL');
    const restarted = await until('the killed process to come back', async () => {
      const pods = (await cluster.pods()).filter(isPodReady);
      const again = pods.find((pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1);
      return pods.length === 2 ? again : undefined;
    });
    const status = restarted.status?.containerStatuses?.[0];
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
  }, 60_000);

  it('rolls over to a new template without a failed request', async () => {
    const failures: string[] = [];
    let done = false;
    let count = 0;
    const load = Array.from({ length: 4 }, async () => {
      while (!done) {
        const body = await fetchText(host, 8080, '/5').catch((error: Error) => `!${error.message}`);
        if (!body.startsWith('web-')) failures.push(body);
        count += 1;
      }
    });
    const body = { spec: { template: { metadata: { labels: { version: '2' } } } } };
    const ref = { namespace: 'default', name: 'web' };
    await cluster.client.patch(resourceTypes.deployments, ref, body, { type: 'merge' });
    await until('the roll-over', async () => {
      const pods = await cluster.pods();
      const isNew = pods.every(({ metadata }) => metadata.labels?.['version'] === '2');
      return isNew && pods.length === 2 && pods.every(isPodReady) ? true : undefined;
    });
    done = true;
    await Promise.all(load);
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThan(20);
    const [pod] = await cluster.pods();
    const name = pod?.metadata.name ?? '';
    expect(await readAll(await cluster.node.podLogs('default', name, {}))).toBe('listening\n');
  }, 60_000);
});
