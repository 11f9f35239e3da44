/** Reads what one file of the clients' folder says: the file's name is the client's, its content what it may. */
import { fail, ok, type Problem, problem, type Result } from '../../base/index.js';
import { digestOfHex, digestOfToken } from './tokenDigests.js';
import type { RateLimit } from './rateLimit.js';

export interface ClientEntry {
  readonly name: string;
  /** Of each of its tokens; none for a client that has a certificate alone. */
  readonly digests: readonly Int32Array[];
  /** Names and patterns; every model when not given. */
  readonly models: readonly string[] | undefined;
  readonly limit: RateLimit | undefined;
  /** What it may beside asking for predictions. */
  readonly rights: readonly Right[];
}

/** What a client may only where its file says so. */
export type Right = (typeof RIGHTS)[number];
const RIGHTS = ['purge-cache', 'load-models'] as const;

/** As a key of a Secret. */
const NAME = /^[-._a-zA-Z0-9]{1,253}$/;
/** Source: RFC 6750, 2.1 (b64token). */
const TOKEN = /^[-A-Za-z0-9._~+/]+=*$/;
const SHA256 = /^(?:sha256:)?([0-9a-fA-F]{64})$/;
const MIN_TOKEN = 16;
const MAX_TOKEN = 4096;
/** The one in use, the one before and a few to spare. */
const MAX_TOKENS = 8;
const MAX_MODELS = 256;
const MAX_MODEL_NAME = 256;
const MAX_RATE = 1_000_000;

/** The message never quotes the content: it may be most of a token. */
class Invalid extends Error {
  readonly remedy: string;

  constructor(message: string, remedy = '') {
    super(message);
    this.remedy = remedy;
  }
}

/** `text` is a token, or a JSON object (see docs/security.md). The problem's place is the client's name. */
export function parseClientFile(name: string, text: string): Result<ClientEntry, Problem> {
  try {
    if (!NAME.test(name))
      throw new Invalid('a client is named with letters, digits, dots, dashes and underscores');
    const content = text.trim();
    if (!content.startsWith('{')) {
      return ok({ name, digests: [digestOfValid(content)], models: undefined, limit: undefined, rights: [] });
    }
    return ok({ name, ...entryOf(content) });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return fail(problem('InvalidClient', name, error.message, error.remedy));
  }
}

function entryOf(content: string): Omit<ClientEntry, 'name'> {
  const { token, sha256, models, ratePerSecond, burst, rights, ...unknown } = objectOf(content);
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) {
    throw new Invalid(
      'there is a member that means nothing here',
      'the members are token, sha256, models, ratePerSecond, burst and rights',
    );
  }
  const digests = [
    ...textsOf(token, 'token', MAX_TOKENS).map(digestOfValid),
    ...textsOf(sha256, 'sha256', MAX_TOKENS).map(digestOfDeclared),
  ];
  return {
    digests,
    models: models === undefined ? undefined : scopeOf(models),
    limit: limitOf(ratePerSecond, burst),
    rights: rightsOf(rights),
  };
}

function objectOf(content: string): Record<string, unknown> {
  try {
    // It begins with a brace: what it parses to is an object.
    return JSON.parse(content) as Record<string, unknown>;
  } catch {
    throw new Invalid('the content is not valid JSON');
  }
}

function textsOf(value: unknown, member: string, most: number): readonly string[] {
  if (value === undefined) return [];
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (texts.length > most) throw new Invalid(`${member} holds more than ${most}`);
  return texts.map((text) => {
    if (typeof text !== 'string') throw new Invalid(`${member} must be a string, or a list of strings`);
    return text;
  });
}

function digestOfValid(token: string): Int32Array {
  const remedy = 'make one with: openssl rand -hex 32';
  if (token.length < MIN_TOKEN) throw new Invalid(`a token has at least ${MIN_TOKEN} characters`, remedy);
  if (token.length > MAX_TOKEN) throw new Invalid(`a token has at most ${MAX_TOKEN} characters`, remedy);
  if (!TOKEN.test(token)) {
    throw new Invalid('a token has letters, digits and -._~+/ alone, with = at its end', remedy);
  }
  return digestOfToken(token);
}

function digestOfDeclared(text: string): Int32Array {
  const hex = SHA256.exec(text)?.[1];
  if (hex === undefined) throw new Invalid('sha256 has 64 hexadecimal digits');
  return digestOfHex(hex);
}

function scopeOf(models: unknown): readonly string[] {
  if (!Array.isArray(models)) throw new Invalid('models must be a list of names or patterns');
  for (const model of textsOf(models, 'models', MAX_MODELS)) {
    if (model === '' || model.length > MAX_MODEL_NAME) {
      throw new Invalid(`a name in models has 1 to ${MAX_MODEL_NAME} characters`);
    }
  }
  return models as readonly string[];
}

function rightsOf(rights: unknown): readonly Right[] {
  if (rights === undefined) return [];
  const known: readonly unknown[] = RIGHTS;
  if (!Array.isArray(rights) || !rights.every((right) => known.includes(right))) {
    throw new Invalid('rights must be a list of known rights', `there is ${RIGHTS.join(', ')}`);
  }
  return rights as readonly Right[];
}

function limitOf(ratePerSecond: unknown, burst: unknown): RateLimit | undefined {
  if (ratePerSecond === undefined) {
    if (burst !== undefined) throw new Invalid('burst is given without ratePerSecond');
    return undefined;
  }
  if (typeof ratePerSecond !== 'number' || !(ratePerSecond > 0 && ratePerSecond <= MAX_RATE)) {
    throw new Invalid(`ratePerSecond must be a number above 0, at most ${MAX_RATE}`);
  }
  const most = burst ?? Math.max(1, Math.ceil(ratePerSecond));
  if (!Number.isInteger(most) || (most as number) < 1 || (most as number) > MAX_RATE) {
    throw new Invalid(`burst must be a whole number from 1 to ${MAX_RATE}`);
  }
  return { ratePerSecond, burst: most as number };
}
