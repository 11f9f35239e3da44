/** Where the next page of a list starts, as the client carries it: base64url of JSON, as the real server's. */
import { isObject } from '../json.js';
import { parseJson } from '../patch/index.js';
import { badRequest } from '../status.js';

export interface ContinueToken {
  /** The revision of the whole list; 0 goes on with the newest state. */
  readonly revision: number;
  /** The key of the last object sent. */
  readonly after: string;
}

export function encodeContinue({ revision, after }: ContinueToken): string {
  const token = JSON.stringify({
    v: 'meta.k8s.io/v1',
    rv: revision === 0 ? -1 : revision,
    start: `${after}\u0000`,
  });
  return Buffer.from(token).toString('base64url');
}

function refuse(why: string): never {
  throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
}

/** Throws 400. */
export function decodeContinue(text: string): ContinueToken {
  const bad = /[^A-Za-z0-9_-]/.exec(text);
  if (bad !== null) refuse(`illegal base64 data at input byte ${bad.index}`);
  if (text.length % 4 === 1) refuse(`illegal base64 data at input byte ${text.length - 1}`);
  const parsed = parseJson(Buffer.from(text, 'base64url').toString('latin1'));
  if ('error' in parsed) refuse(parsed.error);
  const value = parsed.value;
  if (!isObject(value) || value['v'] !== 'meta.k8s.io/v1') {
    refuse('server only recognizes v1 encoded continue tokens');
  }
  const { rv, start } = value;
  if (typeof rv !== 'number' || rv === 0)
    refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') refuse('encoded start key empty (version meta.k8s.io/v1)');
  return { revision: Math.max(0, rv), after: Buffer.from(start.replace(/\0$/, ''), 'latin1').toString() };
}
