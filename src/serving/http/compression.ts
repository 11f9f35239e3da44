/** gzip and deflate, both ways, with a bound on what a few bytes may become. Source: RFC 9110, 8.4 and 12.5.3. */
import { deflate, gzip, inflate, gunzip, type InputType } from 'node:zlib';
import { fail, ok } from '../../base/index.js';
import type { InferenceError } from '../protocol/inference.js';
import type { BodyResult } from './body.js';

export type Encoding = 'gzip' | 'deflate';

/** Shorter answers gain nothing. */
const WORTH_COMPRESSING = 1024;

type Unpack = (
  bytes: InputType,
  options: { maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void;

export const UNSUPPORTED_ENCODING: InferenceError = {
  code: 'UnsupportedEncoding',
  message: 'the body may be encoded with gzip, deflate or not at all',
  place: 'Content-Encoding',
};

/** Undefined when the encoding is not one this server knows. */
export function requestEncoding(header: string | undefined): Encoding | 'identity' | undefined {
  const name = header?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  return name === 'deflate' ? 'deflate' : undefined;
}

/** The unpacked body; PayloadTooLarge as soon as it passes `maxBytes`, InvalidArgument when it is cut or broken. */
export function unpack(body: Buffer, encoding: Encoding, maxBytes: number): Promise<BodyResult> {
  const run: Unpack = encoding === 'gzip' ? gunzip : inflate;
  return new Promise((resolve) => {
    run(body, { maxOutputLength: maxBytes }, (error, result) => {
      if (error === null) resolve(ok(result));
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        resolve(
          fail({ code: 'PayloadTooLarge', message: `the unpacked body is larger than ${maxBytes} bytes` }),
        );
      } else
        resolve(
          fail({ code: 'InvalidArgument', message: `the body is not valid ${encoding}: ${error.message}` }),
        );
    });
  });
}

/** The encoding to answer in, or undefined for none: what the client likes best of what it accepts. */
export function answerEncoding(accepted: string | undefined, length: number): Encoding | undefined {
  if (accepted === undefined || length < WORTH_COMPRESSING) return undefined;
  let best: { encoding: Encoding; quality: number } | undefined;
  const qualities = parseQualities(accepted);
  for (const encoding of ['gzip', 'deflate'] as const) {
    const quality = qualities.get(encoding) ?? qualities.get('*') ?? 0;
    if (quality > (best?.quality ?? 0)) best = { encoding, quality };
  }
  const identity = qualities.get('identity') ?? 0;
  return best !== undefined && best.quality >= identity ? best.encoding : undefined;
}

function parseQualities(header: string): Map<string, number> {
  const qualities = new Map<string, number>();
  for (const item of header.split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    if (name !== '') qualities.set(name, Number.isFinite(quality) ? quality : 0);
  }
  return qualities;
}

export function pack(body: Buffer, encoding: Encoding): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    (encoding === 'gzip' ? gzip : deflate)(body, { level: 1 }, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
