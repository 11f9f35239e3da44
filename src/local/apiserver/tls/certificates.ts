/** A certificate authority of its own for each cluster, and the server's certificate signed by it. */
import { webcrypto } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import type { Clock } from '../../../base/index.js';

/** PEM texts; `key` is secret. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface ClusterCertificates {
  readonly authority: Certificate;
  readonly server: Certificate;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const VALID_DAYS = 3650;
/** Clocks of clients may be a little behind. */
const BACKDATED_MS = 300_000;

async function privateKeyPem(x509: typeof X509, key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
}

function validity(clock: Clock) {
  const now = clock.now();
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + VALID_DAYS * DAY_MS) };
}

/**
 * Makes both. `addresses` and `names` are what the server may be called (subject alternative names). The keys are P-256,
 * valid for ten years: they never leave the machine.
 */
export async function createCertificates(
  clock: Clock,
  hosts: { readonly addresses: readonly string[]; readonly names: readonly string[] },
): Promise<ClusterCertificates> {
  // Only a cluster's first start needs it, and it asks for its polyfill to be there before.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const [authorityKeys, serverKeys] = await Promise.all([newKeys(), newKeys()]);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=gantry-local-ca',
    ...validity(clock),
    signingAlgorithm: ALGORITHM,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=kube-apiserver',
    issuer: authority.subject,
    ...validity(clock),
    signingAlgorithm: ALGORITHM,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...hosts.addresses.map((value) => ({ type: 'ip' as const, value })),
        ...hosts.names.map((value) => ({ type: 'dns' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  return {
    authority: { cert: authority.toString('pem'), key: await privateKeyPem(x509, authorityKeys.privateKey) },
    server: { cert: server.toString('pem'), key: await privateKeyPem(x509, serverKeys.privateKey) },
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
