/** A cluster with one pod, to be killed: prints the pod's folder and its process, then stays. */
import { resourceTypes } from '../../../src/kube/index.js';
import { isPodReady } from '../../../src/local/objects/index.js';
import { podObject, startCluster, until } from './cluster.js';

const cluster = await startCluster();
const command = ['/bin/sh', '-c', 'sleep 1000 & wait'];
const pod = podObject('victim', { containers: [{ name: 'main', image: 'example.com/node:1', command }] });
await cluster.client.create(resourceTypes.pods, pod);
const running = await until('the pod to run', async () => {
  const found = await cluster.pod('victim');
  return isPodReady(found) ? found : undefined;
});
const containerID = running.status?.containerStatuses?.[0]?.containerID ?? '';
const pid = Number(/process:\/\/(\d+)/.exec(containerID)?.[1]);
console.log(JSON.stringify({ home: cluster.home, pid }));
