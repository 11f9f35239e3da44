import type { Agent } from 'node:http';

/** What TLS needs to know of the server and of us. */
export interface TlsMaterial {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/** How to reach an API server, and as whom. */
export interface Access {
  readonly server: URL;
  /** Lower-case names: authorization, impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Takes the place of a direct connection (a proxy). */
  readonly agent?: Agent | undefined;
}

/** Where an Access comes from, and comes from again when it has changed. */
export interface AccessSource {
  current(): Promise<Access>;
  /** Forgets what it knows: the server did not accept it. */
  invalidate(): void;
}

/** The headers that show a bearer token; files of tokens often end with a newline. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token.trim()}` };
}
