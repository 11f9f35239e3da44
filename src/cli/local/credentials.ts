/** Keys, token and kubeconfig of a local cluster: made once, readable by their owner alone. */
import { randomBytes } from 'node:crypto';
import { dump } from 'js-yaml';
import type { Clock } from '../../base/index.js';
import { type Certificate, createCertificates } from '../../local/index.js';
import type { Home } from './home.js';

export interface Credentials {
  /** The administrator's bearer token. */
  readonly token: string;
  /** PEM of the certificate authority, for clients. */
  readonly authority: string;
  readonly tls: Certificate;
}

const CREDENTIALS_FILE = 'credentials.json';
const KUBECONFIG_FILE = 'kubeconfig';
const HOSTS = {
  addresses: ['127.0.0.1', '::1'],
  names: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
};

/** The cluster's credentials; new ones at its first start. */
export async function loadCredentials(home: Home, clock: Clock): Promise<Credentials> {
  const kept = home.readPrivate(CREDENTIALS_FILE);
  if (kept !== undefined) return JSON.parse(kept) as Credentials;
  const { authority, server } = await createCertificates(clock, HOSTS);
  const credentials = {
    token: randomBytes(32).toString('base64url'),
    authority: authority.cert,
    tls: server,
  };
  home.writePrivate(CREDENTIALS_FILE, JSON.stringify(credentials));
  return credentials;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Writes the kubeconfig for `port` and answers its path. */
export function writeKubeconfig(home: Home, credentials: Credentials, port: number): string {
  const name = 'gantry-local';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': base64(credentials.authority),
        },
      },
    ],
    users: [{ name, user: { token: credentials.token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  home.writePrivate(KUBECONFIG_FILE, dump(config));
  return home.file(KUBECONFIG_FILE);
}
