/** Who may ask a server, as the command line says it. */
import path from 'node:path';
import { fail, ok, problem, type Result } from '../base/index.js';
import type { ServerAccess } from '../serving/index.js';
import type { OptionValues } from './command.js';
import type { CommandIo } from './io.js';

/** Fails where half of TLS is given: a server must not start open, or without TLS, by a mistake. */
export function accessFrom(
  { workingDirectory }: Pick<CommandIo, 'workingDirectory'>,
  options: OptionValues,
): Result<ServerAccess> {
  const file = (option: unknown): string | undefined =>
    typeof option === 'string' ? path.resolve(workingDirectory, option) : undefined;
  const clients = file(options.authTokens);
  const [cert, key, clientCa] = [options.tlsCert, options.tlsKey, options.tlsClientCa].map(file);
  if (cert !== undefined && key !== undefined) return ok({ clients, tls: { cert, key, clientCa } });
  if (cert === undefined && key === undefined && clientCa === undefined) return ok({ clients });
  const flag = cert !== undefined ? '--tls-cert' : key !== undefined ? '--tls-key' : '--tls-client-ca';
  return fail(
    problem(
      'TlsIncomplete',
      flag,
      'TLS needs a certificate and its key',
      'give both --tls-cert and --tls-key',
    ),
  );
}
