/** The parts of a local cluster put together: API server, its controllers, a node, and the operator. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { FIELD_MANAGER } from '../../api/index.js';
import { type Clock, type Logger, messageOf, type Random } from '../../base/index.js';
import { createMetricsRegistry } from '../../base/metrics/index.js';
import { type Client, createClient, type Transport } from '../../kube/index.js';
import {
  type ApiServer,
  createApiServer,
  createControllers,
  createNodeAgent,
  listen,
  type LocalImage,
  type Storage,
  type Token,
} from '../../local/index.js';
import { createOperator, type OperatorConfig } from '../../operator/index.js';
import { loadCredentials, writeKubeconfig } from './credentials.js';
import type { Home } from './home.js';
import type { AddressBlock } from './network.js';

export interface ClusterOptions {
  readonly home: Home;
  /** Closed by `stop`. */
  readonly storage: Storage;
  readonly addresses: AddressBlock;
  /** Port to listen on; 0 lets the system choose. */
  readonly port: number;
  /** Images the node knows how to run; undefined for a cluster without a node. */
  readonly images: readonly LocalImage[] | undefined;
  readonly machineEnv: Readonly<Record<string, string>>;
  /** Brings in what has to be there before the first controller looks, such as definitions of resources. */
  readonly prepare: (client: Client) => Promise<void>;
  /** Undefined for a cluster without the operator. */
  readonly operator: OperatorConfig | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Cluster {
  readonly port: number;
  readonly kubeconfig: string;
  /** The administrator, in this process. */
  readonly client: Client;
  /** Rejects when one of the parts ends before it was asked to. */
  readonly failed: Promise<never>;
  /** Ends the operator, the node with all its processes, the controllers and the API server, in this order. */
  stop(): Promise<void>;
}

const ADMINISTRATOR = { name: 'gantry-admin', groups: ['system:masters', 'system:authenticated'] };

/** Calls in this process carry a token nobody else has. */
function inProcess(server: ApiServer, token: string): Transport {
  return {
    send: (request) =>
      server.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }),
  };
}

/** A part that runs until its own signal aborts. */
interface Part {
  readonly name: string;
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

function startPart(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  onFailure: (error: Error) => void,
): Part {
  const control = new AbortController();
  const done = run(control.signal).then(
    () => {
      if (!control.signal.aborted) onFailure(new Error(`the ${name} ended by itself`));
    },
    (error: unknown) => {
      if (!control.signal.aborted)
        onFailure(new Error(`the ${name} failed: ${messageOf(error)}`, { cause: error }));
    },
  );
  return {
    name,
    done,
    async stop() {
      control.abort();
      await done;
    },
  };
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { home, storage, addresses, clock, random, logger } = options;
  const credentials = await loadCredentials(home, clock);
  const internal = randomBytes(32).toString('base64url');
  const tokens: Token[] = [credentials.token, internal].map((token) => ({ token, user: ADMINISTRATOR }));
  const node: { podLogs?: ReturnType<typeof createNodeAgent>['podLogs'] } = {};
  const server = createApiServer({
    clock,
    random,
    storage,
    tokens,
    serviceCidr: addresses.serviceCidr,
    podLogs: (namespace, pod, log) => {
      if (node.podLogs === undefined) throw new Error('this cluster has no node');
      return node.podLogs(namespace, pod, log);
    },
  });
  const listener = await listen({ server, host: '127.0.0.1', port: options.port, tls: credentials.tls });
  const kubeconfig = writeKubeconfig(home, credentials, listener.port);

  const transport = inProcess(server, internal);
  const clientFor = (fieldManager: string) => createClient({ transport, clock, fieldManager, logger });
  const client = clientFor('gantry-local');
  await options.prepare(client);
  const runtime = { clock, random, logger };
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);

  const parts = [
    startPart(
      'controllers',
      (signal) => createControllers({ ...runtime, client: clientFor('kube-controller-manager') }).run(signal),
      fail,
    ),
  ];
  if (options.images !== undefined) {
    const agent = createNodeAgent({
      ...runtime,
      client: clientFor('kubelet'),
      home: path.join(home.folder, 'node'),
      images: options.images,
      podCidr: addresses.podCidr,
      machineEnv: options.machineEnv,
    });
    node.podLogs = (...args) => agent.podLogs(...args);
    parts.push(startPart('node', (signal) => agent.run(signal), fail));
  }
  if (options.operator !== undefined) {
    const operator = createOperator({
      ...runtime,
      client: clientFor(FIELD_MANAGER),
      metrics: createMetricsRegistry(),
      config: options.operator,
    });
    parts.push(startPart('operator', (signal) => operator.run(signal), fail));
  }
  return {
    port: listener.port,
    kubeconfig,
    client,
    failed,
    async stop() {
      for (const part of parts.reverse()) await part.stop();
      await listener.close();
      await server.close();
      addresses.release();
    },
  };
}
