import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const FROM = new Date('2020-01-01');
const TO = new Date('2099-01-01');

export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly ca: string;
  issue(commonName: string): Promise<KeyPair>;
}

/** A certificate authority that issues certificates for 127.0.0.1 and for clients. */
export async function createAuthority(name: string): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: FROM,
    notAfter: TO,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  let serial = 1;
  return {
    ca: ca.toString('pem'),
    async issue(commonName) {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const cert = await x509.X509CertificateGenerator.create({
        serialNumber: `0${++serial}`,
        subject: `CN=${commonName}`,
        issuer: ca.subject,
        notBefore: FROM,
        notAfter: TO,
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
      });
      const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey));
      const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
      return { cert: cert.toString('pem'), key };
    },
  };
}
