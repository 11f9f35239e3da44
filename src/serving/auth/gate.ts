/** Decides who may ask. Knows no protocol: HTTP and gRPC give it what they were shown. */
import { fail, ok, type Result } from '../../base/index.js';
import type { InferenceError } from '../protocol/index.js';
import { Client } from './client.js';
import type { Right } from './clientFile.js';
import type { ClientList } from './clientList.js';

/** What a caller shows of itself. */
export interface Credentials {
  /** The Authorization header or metadata, as it came. */
  readonly authorization: string | undefined;
  /** Names in the certificate, when the connection has one that was verified; the first is the best. */
  readonly certificateNames: readonly string[];
}

/** Who asks, and whether they may now. */
export interface Admission {
  /** Undefined when it is not known, and where everybody may ask. */
  readonly client: Client | undefined;
  /** Why they are turned away. */
  readonly refusal: InferenceError | undefined;
}

/** Of a server without a gate. */
export const EVERYBODY: Admission = { client: undefined, refusal: undefined };

export class Gate {
  readonly #clients: (() => ClientList) | undefined;

  /** `clients` gives those there are now; without it every verified certificate is let in. */
  constructor(clients?: () => ClientList) {
    this.#clients = clients;
  }

  /** Counts the request against its client's limit. Which models the client may use is another question: see `refusalFor`. */
  admit(credentials: Credentials): Admission | Promise<Admission> {
    const known = this.#identify(credentials);
    if (!known.ok) return { client: undefined, refusal: known.error };
    const client = known.value;
    const turn = client.takeTurn();
    return typeof turn === 'number'
      ? admission(client, turn)
      : turn.then((seconds) => admission(client, seconds));
  }

  /** The same where it can be told at once and the client may use the model, if there is one; else undefined, and nothing was counted. */
  admitNow(credentials: Credentials, model?: string): Admission | undefined {
    const known = this.#identify(credentials);
    if (!known.ok) return { client: undefined, refusal: known.error };
    const client = known.value;
    if (model !== undefined && !client.mayUse(model)) return undefined;
    const turn = client.isTurnDecided ? client.takeTurn() : undefined;
    return typeof turn === 'number' ? admission(client, turn) : undefined;
  }

  #identify({ authorization, certificateNames }: Credentials): Result<Client, InferenceError> {
    if (this.#clients === undefined) return byCertificateAlone(certificateNames);
    const clients = this.#clients();
    if (authorization !== undefined) {
      const token = bearerToken(authorization);
      const client = token === undefined ? undefined : clients.byToken(token);
      return client === undefined ? UNKNOWN_TOKEN : ok(client);
    }
    if (certificateNames.length === 0) return NOTHING_SHOWN;
    for (const name of certificateNames) {
      const client = clients.byName(name);
      if (client !== undefined) return ok(client);
    }
    return UNLISTED;
  }
}

/** Why `client` may not use `model`; undefined when it may. The same for a model that does not exist. */
export function refusalFor(client: Client | undefined, model: string): InferenceError | undefined {
  if (mayUse(client, model)) return undefined;
  return { code: 'PermissionDenied', message: 'this client may not use this model' };
}

/** Why `client` may not do what takes a right; undefined when it may, and where everybody may ask. */
export function missingRight(client: Client | undefined, right: Right): InferenceError | undefined {
  if (client === undefined || client.has(right)) return undefined;
  return { code: 'PermissionDenied', message: `this client has not got the right ${right}` };
}

/** @param client undefined where everybody may ask */
export function mayUse(client: Client | undefined, model: string): boolean {
  return client === undefined || client.mayUse(model);
}

function byCertificateAlone([name]: readonly string[]): Result<Client, InferenceError> {
  return name === undefined ? NOTHING_SHOWN : ok(Client.unrestricted(name));
}

const SCHEME = /^bearer +/i;

function bearerToken(authorization: string): string | undefined {
  const scheme = SCHEME.exec(authorization)?.[0];
  return scheme === undefined ? undefined : authorization.slice(scheme.length);
}

const NOTHING_SHOWN = unauthenticated(
  'this server wants a bearer token (Authorization: Bearer …) or a certificate',
);
const UNKNOWN_TOKEN = unauthenticated(
  'the Authorization header holds no bearer token that this server knows',
);
const UNLISTED = fail<InferenceError>({
  code: 'PermissionDenied',
  message: "the certificate's name is not among this server's clients",
});

function unauthenticated(message: string): Result<Client, InferenceError> {
  return fail({ code: 'Unauthenticated', message });
}

/** @param seconds until the client's limit has room; 0 when it has */
function admission(client: Client, seconds: number): Admission {
  return { client, refusal: seconds === 0 ? undefined : tooMany(seconds) };
}

function tooMany(seconds: number): InferenceError {
  return {
    code: 'RateLimited',
    message: 'this client has used up its requests for now',
    retryAfterSeconds: seconds,
  };
}
