/** A real API server, which GANTRY_CONFORMANCE_KUBECONFIG names, and what it can be asked. */
import { sleep, systemClock } from '../../../src/base/index.js';
import { type HttpTransport, httpTransport } from '../../../src/kube/index.js';
import { asRecorded, type Cluster } from './cluster.js';
import { isOld } from './replay.js';
import type { Scenario } from './corpus.js';

const EVENT_LIMIT_MS = 10_000;
const QUIET_MS = 500;
const POLL_MS = 50;

/** One connection to the server for one scenario. */
export async function connectRealCluster(kubeconfig: string): Promise<Cluster> {
  const transport = await connect(kubeconfig);
  return {
    send(request, signal) {
      const { headers, body } = asRecorded(request);
      return transport.send({
        method: request.method as 'GET',
        path: request.path,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    pass: (milliseconds) => sleep(systemClock, milliseconds),
    async settle(enough) {
      if (enough === undefined) return;
      const deadline = systemClock.monotonic() + EVENT_LIMIT_MS;
      while (!enough() && systemClock.monotonic() < deadline) await sleep(systemClock, POLL_MS);
      await sleep(systemClock, QUIET_MS);
    },
    close() {
      transport.close();
      return Promise.resolve();
    },
  };
}

function connect(kubeconfig: string): Promise<HttpTransport> {
  return httpTransport({ access: { kubeconfig: { path: kubeconfig } }, clock: systemClock });
}

/** What a server has besides definitions. */
export interface Parts {
  /** The core group, and with it namespaces. */
  readonly core: boolean;
  /** kube-controller-manager: a namespace gets its ServiceAccount. */
  readonly controllers: boolean;
  /** Nodes, whose kubelets would write the status of the scenarios' pods. */
  readonly nodes: boolean;
}

export async function partsOf(kubeconfig: string): Promise<Parts> {
  const transport = await connect(kubeconfig);
  const get = async (path: string): Promise<string | undefined> => {
    const { status, body } = await transport.send({ method: 'GET', path, headers: {} });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return status === 200 ? Buffer.concat(chunks).toString('utf8') : undefined;
  };
  try {
    return {
      core: (await get('/api/v1')) !== undefined,
      controllers: (await get('/api/v1/namespaces/default/serviceaccounts/default')) !== undefined,
      nodes: !((await get('/api/v1/nodes')) ?? '"items":[]').includes('"items":[]'),
    };
  } finally {
    transport.close();
  }
}

/** Why a scenario cannot be replayed against a server of these parts; undefined when it can. */
export function whyNot(scenario: Scenario, parts: Parts): string | undefined {
  const { name, steps } = scenario;
  if (steps.some(({ action }) => action === 'compact')) return 'it makes resourceVersions expire';
  if (isOld(scenario) && !parts.core) return 'the server has no core group';
  const controlled = /^(controllers|deletion)\//.test(name) || name === 'objects/namespace';
  if (controlled && !parts.controllers) return 'the server has no controllers';
  if (/^controllers\/|pod/.test(name) && parts.nodes) return 'kubelets would write the status of its pods';
  return undefined;
}
