/** A ModelDeployment that speaks TLS with the certificate of a Secret, with a real pod. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { digestOfBytes } from '../../src/base/index.js';
import { type TestAuthority, type TestCertificate, testAuthority } from '../serving/auth/certificates.js';
import { eventually } from '../support/eventually.js';
import { type LocalCluster, startLocalCluster } from '../support/localCluster.js';
import { ROOT } from '../support/program.js';

const MANIFEST = JSON.stringify({
  apiVersion: 'gantry.dev/v1alpha1',
  kind: 'ModelDeployment',
  metadata: { name: 'secured' },
  spec: {
    model: {
      name: 'volatility',
      version: '1',
      digest: digestOfBytes(readFileSync(path.join(ROOT, 'models/production/volatility/1/model.onnx'))),
    },
    serving: { tls: { secretRef: { name: 'certificate' }, clientCertificates: true } },
  },
});

const secret = ({ cert, key }: TestCertificate, ca: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'certificate' },
    stringData: { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca },
  });

describe('a ModelDeployment with TLS', () => {
  let cluster: LocalCluster;
  let authority: TestAuthority;
  let url: string;

  beforeAll(async () => {
    authority = await testAuthority();
    cluster = await startLocalCluster({ flags: ['--no-samples', '--no-redis'] });
    await apply(secret(await authority.issue('first'), authority.cert));
    await apply(MANIFEST);
    await cluster.run('wait', '--for=condition=Ready', 'md/secured', '--timeout=60s');
    url = (await cluster.list('md')).find(({ metadata }) => metadata.name === 'secured')?.status?.url ?? '';
  }, 120_000);
  afterAll(() => cluster.dispose(), 30_000);

  const apply = async (object: string) =>
    expect(await cluster.kubectl(['apply', '-f', '-'], object)).toMatchObject({ code: 0 });

  /** The status, and whose certificate the server showed. The address of a Service is not in it. */
  const ask = (client: Partial<TestCertificate>) =>
    new Promise<{ status: number | undefined; shown: string }>((resolve, reject) => {
      const options = { ...client, ca: authority.cert, checkServerIdentity: () => undefined, agent: false };
      const asked = request(`${url}/v2/models/volatility`, options, (response) => {
        const peer: PeerCertificate = (response.socket as TLSSocket).getPeerCertificate();
        response.resume();
        resolve({ status: response.statusCode, shown: [peer.subject.CN].flat().join() });
      });
      asked.once('error', reject).end();
    });

  test('is asked over https, by clients with a certificate alone', async () => {
    expect(url).toMatch(/^https:/);
    expect(await ask(await authority.issue('client'))).toEqual({ status: 200, shown: 'first' });
    await expect(ask({})).rejects.toThrow('certificate required');
  });

  test('shows a renewed certificate without a restart', async () => {
    const uids = async () =>
      (await cluster.list('pods', '-l', 'gantry.dev/modeldeployment=secured')).map(
        ({ metadata }) => metadata.uid,
      );
    const before = await uids();
    const client = await authority.issue('client');
    await apply(secret(await authority.issue('second'), authority.cert));
    await eventually('the pod shows the new certificate', async () => {
      expect(await ask(client)).toEqual({ status: 200, shown: 'second' });
      return true;
    });
    expect(await uids()).toEqual(before);
  });
});
