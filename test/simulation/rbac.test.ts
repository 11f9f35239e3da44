/** The operator may do what it does, and no more: the role is compared with the requests of a whole life. */
import { FIELD_MANAGER } from '../../src/api/index.js';
import { seededRandom, silentLogger } from '../../src/base/index.js';
import { createMetricsRegistry } from '../../src/base/metrics/index.js';
import { type KubeObject, resourceTypes } from '../../src/kube/index.js';
import { createOperator } from '../../src/operator/index.js';
import { modelDeployments } from '../../src/operator/kinds.js';
import { LEASE_RULES, OPERATOR_RULES } from '../../scripts/generate/rbac.js';
import { DIGEST_2, manifest } from '../support/modelDeployments.js';
import { operatorConfig } from '../support/operatorCluster.js';
import { type RecordedRequest, simulatedCluster } from '../support/simulatedCluster.js';

const at = { namespace: 'default', name: 'volatility' };
const LEASE_NAMESPACE = 'kube-system';

/** Granted for an admission plugin that the simulated cluster does not have. */
const NOT_REQUESTED = ['gantry.dev modeldeployments/finalizers update'];

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** `group resource verb` of every permission. */
function granted(rules: readonly Rule[]): string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${group} ${resource} ${verb}`)),
      ),
    )
    .sort();
}

/** What the API server's authorizer asks of a request. */
function needed({ method, path, status }: RecordedRequest): string[] {
  const url = new URL(path, 'http://cluster');
  const match =
    /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      url.pathname,
    );
  if (match === null) throw new Error(`no resource in ${path}`);
  const [, group = '', plural, name, subresource] = match;
  const resource = `${group} ${plural}${subresource === undefined ? '' : `/${subresource}`}`;
  const verbs = {
    GET: name !== undefined ? 'get' : url.searchParams.has('watch') ? 'watch' : 'list',
    POST: 'create',
    PUT: 'update',
    PATCH: 'patch',
    DELETE: 'delete',
  };
  // Server-side apply of what is not there yet asks for create too.
  return [verbs[method], ...(method === 'PATCH' && status === 201 ? ['create'] : [])].map(
    (verb) => `${resource} ${verb}`,
  );
}

test('the roles grant what the operator asks for, and nothing else', async () => {
  const cluster = await simulatedCluster();
  const { admin, clock } = cluster;
  const leaderElection = { namespace: LEASE_NAMESPACE, name: 'gantry-operator' };
  const operator = createOperator({
    client: cluster.client(FIELD_MANAGER),
    clock,
    random: seededRandom(3),
    logger: silentLogger,
    metrics: createMetricsRegistry(),
    config: { ...operatorConfig, leaderElection },
  });
  const stop = new AbortController();
  const running = operator.run(stop.signal);

  const ready = async (): Promise<void> => {
    const { metadata, spec } = await admin.get<KubeObject>(resourceTypes.deployments, at);
    const { replicas = 1 } = spec as { replicas?: number };
    const counts = {
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    const status = { observedGeneration: metadata.generation, ...counts };
    await admin.patch(resourceTypes.deployments, at, { status }, { type: 'merge', subresource: 'status' });
    await clock.advance(5_000);
  };
  const change = async (spec: object): Promise<void> => {
    await admin.patch(modelDeployments, at, { spec }, { type: 'merge' });
    await clock.advance(5_000);
  };

  await admin.create(modelDeployments, manifest({ spec: { replicas: 2 } }));
  await clock.advance(10_000);
  await ready();
  await change({ model: { version: '2', digest: DIGEST_2 } });
  await ready();
  await change({ replicas: null, autoscaling: { maxReplicas: 3 } });
  await change({ autoscaling: null });
  await ready();
  // The same Event again, which raises its count.
  await change({ model: { version: '1' }, replicas: 2 });
  await ready();
  await admin.delete(modelDeployments, at);
  await clock.advance(5_000);
  stop.abort();
  await clock.advance(60_000);
  await running;

  const requested = [...new Set(cluster.requests.flatMap(needed))].sort();
  const grantedAll = granted([...OPERATOR_RULES, ...LEASE_RULES]);
  expect(requested).toEqual(grantedAll.filter((permission) => !NOT_REQUESTED.includes(permission)));
});
