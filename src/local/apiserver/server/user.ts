/** Who asks, and whether they may: bearer tokens, impersonation, and the one rule that masters may do everything. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { failure, unauthorized } from '../status.js';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A bearer token and whom it stands for. */
export interface Token {
  readonly token: string;
  readonly user: User;
}

const MASTERS = 'system:masters';

/** Whoever calls in the same process, and whoever holds a token without a user of its own. */
export const ADMIN: User = { name: 'admin', groups: [MASTERS, 'system:authenticated'] };
const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export function isMaster(user: User): boolean {
  return user.groups.includes(MASTERS);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The user behind a request's headers. With no tokens every caller is the administrator (in-process use); with tokens
 * a wrong one is 401 and none at all is the anonymous user.
 */
export function createAuthenticator(tokens: readonly Token[]) {
  const known = tokens.map(({ token, user }) => ({ digest: sha256(token), user }));

  const authenticate = (headers: Readonly<Record<string, string>>): User => {
    const authorization = headers['authorization'];
    if (known.length === 0) return ADMIN;
    if (authorization === undefined) return ANONYMOUS;
    const digest = sha256(authorization.replace(/^bearer\s+/i, ''));
    const match = known.find((entry) => timingSafeEqual(entry.digest, digest));
    return match === undefined ? deny() : match.user;
  };

  return (headers: Readonly<Record<string, string>>): User => {
    const user = authenticate(headers);
    const name = headers['impersonate-user'];
    if (name === undefined || name === '') return user;
    if (!isMaster(user)) {
      const message = `users "${name}" is forbidden: User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`;
      throw failure({ code: 403, reason: 'Forbidden', message, details: { name, kind: 'users' } });
    }
    const groups = (headers['impersonate-group'] ?? '').split(',').map((group) => group.trim());
    return { name, groups: [...groups.filter(Boolean), 'system:authenticated'] };
  };
}

function deny(): never {
  throw unauthorized();
}
