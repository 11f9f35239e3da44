import { accessFrom } from '../../src/cli/access.js';

const access = (options: Record<string, unknown>) => accessFrom({ workingDirectory: '/srv' }, options);

describe('who may ask, on the command line', () => {
  test('is everybody when nothing is said', () => {
    expect(access({})).toEqual({ ok: true, value: { clients: undefined } });
  });

  test('is told by files, found from where the command was given', () => {
    expect(
      access({ authTokens: 'clients', tlsCert: '/etc/tls.crt', tlsKey: 'tls.key', tlsClientCa: 'ca.crt' }),
    ).toEqual({
      ok: true,
      value: {
        clients: '/srv/clients',
        tls: { cert: '/etc/tls.crt', key: '/srv/tls.key', clientCa: '/srv/ca.crt' },
      },
    });
  });

  test.each([
    ['--tls-cert', { tlsCert: 'a' }],
    ['--tls-key', { tlsKey: 'a' }],
    ['--tls-client-ca', { tlsClientCa: 'a' }],
    ['--tls-key', { tlsKey: 'a', tlsClientCa: 'b' }],
  ])('is not half of TLS: %s', (flag, options) => {
    expect(access(options)).toMatchObject({ ok: false, error: { code: 'TlsIncomplete', place: flag } });
  });
});
