/** What a client's certificate calls it: the DNS names among its alternative names, then its common name. */
import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** A name that may be logged, and may be the key of a Secret. */
const NAME = /^[-._a-zA-Z0-9]{1,253}$/;
const DNS = 'DNS:';

/** `certificate` must have been verified. */
export function namesOfCertificate(
  certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>,
): readonly string[] {
  // Node quotes a name with a comma in it as JSON, the comma escaped: it cannot be taken for two names.
  const alternatives = (certificate.subjectaltname ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith(DNS))
    .map((entry) => entry.slice(DNS.length));
  // Node gives a list, whatever its types say, to a subject with several common names: then none of them is the name.
  const common: unknown = certificate.subject?.CN;
  return [...alternatives, common].filter(
    (name): name is string => typeof name === 'string' && NAME.test(name),
  );
}

const NO_NAMES: readonly string[] = [];
const known = new WeakMap<Socket, readonly string[]>();

/** The names of whom the connection belongs to, read once a connection; none without a verified certificate. */
export function certificateNamesOf(socket: Socket): readonly string[] {
  if (!isTls(socket) || !socket.authorized) return NO_NAMES;
  const before = known.get(socket);
  if (before !== undefined) return before;
  const names = namesOfCertificate(socket.getPeerCertificate());
  known.set(socket, names);
  return names;
}

/** Without node:tls, which takes longer to load than all of this and is of no use to a server without it. */
function isTls(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket;
}
