import { join } from 'node:path';
import { silentLogger } from '../../../src/base/index.js';
import { POLL_MS } from '../../../src/serving/auth/filePoll.js';
import { TlsFiles } from '../../../src/serving/auth/tlsFiles.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { testAuthority } from './certificates.js';
import { type SecretVolume, secretVolume } from './secretVolume.js';

describe("the certificate's files", () => {
  const clock = new VirtualClock();
  let volume: SecretVolume | undefined;
  let opened: TlsFiles | undefined;

  afterEach(async () => {
    opened?.close();
    await volume?.remove();
  });

  const secretOf = ({ cert, key }: { cert: string; key: string }) => ({ 'tls.crt': cert, 'tls.key': key });
  const open = async (files: Readonly<Record<string, string>>) => {
    volume = await secretVolume(files);
    const [cert, key] = [join(volume.folder, 'tls.crt'), join(volume.folder, 'tls.key')];
    const clientCa = files['ca.crt'] === undefined ? undefined : join(volume.folder, 'ca.crt');
    return (opened = await TlsFiles.open({ paths: { cert, key, clientCa }, clock, logger: silentLogger }));
  };
  const look = async () => {
    const deadline = performance.now() + 10_000;
    await clock.advance(POLL_MS);
    while (clock.pending === 0 && performance.now() < deadline) await clock.settle();
    expect(clock.pending).toBe(1);
  };

  test('reach the servers when they change, and not before', async () => {
    const authority = await testAuthority();
    const [first, second] = [await authority.issue('a'), await authority.issue('b')];
    const files = await open(secretOf(first));
    const given: unknown[] = [];
    files.follow({ setSecureContext: ({ cert }) => given.push(String(cert)) });
    await look();
    expect(given).toEqual([]);
    await volume?.write(secretOf(second));
    await look();
    await look();
    expect(given).toEqual([second.cert]);
  });

  test('that do not belong together leave the ones before in force, until they do', async () => {
    const authority = await testAuthority();
    const [first, second] = [await authority.issue('a'), await authority.issue('b')];
    const files = await open(secretOf(first));
    const given: unknown[] = [];
    files.follow({ setSecureContext: ({ cert }) => given.push(String(cert)) });
    await volume?.write(secretOf({ cert: second.cert, key: first.key }));
    await look();
    expect([files.failed, given, String(files.current.cert)]).toEqual([true, [], first.cert]);
    await volume?.write(secretOf(second));
    await look();
    expect([files.failed, given]).toEqual([false, [second.cert]]);
  });

  test.each([
    ['nothing', () => ''],
    ['no certificate', () => 'hello\n'],
    ['a certificate that is cut', (ca: string) => ca.slice(0, 300)],
    ['a second certificate that is cut', (ca: string) => ca + ca.slice(0, 300)],
  ])("that hold %s of the clients' authority are not taken", async (_, made) => {
    const authority = await testAuthority();
    const own = secretOf(await authority.issue('a'));
    await expect(open({ ...own, 'ca.crt': made(authority.cert) })).rejects.toThrow(/give PEM files/);
    await volume?.remove();
    const files = await open({ ...own, 'ca.crt': authority.cert });
    await volume?.write({ ...own, 'ca.crt': made(authority.cert) });
    await look();
    expect([files.failed, String(files.current.ca)]).toEqual([true, authority.cert]);
  });

  test('tell when the certificate ends', async () => {
    const files = await open(secretOf(await (await testAuthority()).issue('a')));
    expect(files.expiresAt).toBeGreaterThan(Date.now() / 1000);
    expect(files.expiresAt).toBeLessThanOrEqual(Date.now() / 1000 + 86_400);
  });

  test('keep a server from starting when they are missing, or nonsense', async () => {
    await expect(open({ 'tls.crt': 'x' })).rejects.toThrow(/tls\.crt: .*ENOENT.*; give PEM files/);
    await volume?.remove();
    await expect(open({ 'tls.crt': 'x', 'tls.key': 'y' })).rejects.toThrow(/give PEM files/);
  });
});
