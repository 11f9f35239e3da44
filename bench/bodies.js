// The requests of the load: V2 inference requests whose inputs repeat only when asked to.
// Small ones are put together number by number. Large ones are made once and one number is written anew each time, since
// printing a megabyte for each request would measure the printer.

/** JSON requests up to this many numbers are put together anew each time. */
const SMALL = 64;

/** Room for the number that changes, and its place: the first number of the first input. */
const PLACEHOLDER = '0.00000000';

/**
 * What makes, for each connection, a function that gives its next whole HTTP request: a string of latin-1, or a buffer that is the
 * connection's own and holds until it is asked for the next.
 * `shape` is the input's shape, `digits` the significant digits of its numbers (17: as a double prints a float),
 * `form` json or binary, `distinct` 0 for inputs that never repeat or N for N inputs in turn.
 */
export function createBodies(path, { input = 'features', shape = [1, 16], form = 'json', ...more }) {
  const { digits = 8, distinct = 0 } = more;
  const count = shape.reduce((product, size) => product * size, 1);
  // Another process of the load must not ask what the one before it has asked.
  const next = randomNumbers(digits, distinct > 0 ? 12345 : Date.now());
  const connection = connections(path, { input, shape }, { form, count, next });
  if (distinct === 0) return connection;
  const kept = Array.from({ length: distinct }, () => connection()());
  let turn = 0;
  return () => () => kept[turn++ % distinct];
}

function connections(path, tensor, { form, count, next }) {
  if (form === 'binary') return binaryRequest(path, tensor, count, next);
  if (count > SMALL) return patchedRequest(path, tensor, count, next);
  return () => () => jsonRequest(path, tensor, list(count, next));
}

function list(count, next) {
  let data = next();
  for (let i = 1; i < count; i++) data += ',' + next();
  return data;
}

/** Texts of numbers between -1 and 1: always the same for the same seed. */
export function randomNumbers(digits, seed = 12345) {
  let state = seed >>> 0;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const texts = Array.from({ length: 4096 }, () => {
    const float = Math.fround(2 * uniform() - 1);
    return digits >= 17 ? String(float) : String(Number(float.toPrecision(digits)));
  });
  return () => texts[(uniform() * 4096) | 0];
}

function head(path, length, extra = '') {
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${extra}Content-Length: ${length}\r\n\r\n`;
}

function jsonRequest(path, { input, shape }, data) {
  const body = `{"inputs":[{"name":"${input}","datatype":"FP32","shape":[${shape}],"data":[${data}]}]}`;
  return head(path, body.length) + body;
}

let serial = 0;

function patchedRequest(path, tensor, count, next) {
  const bytes = Buffer.from(jsonRequest(path, tensor, `${PLACEHOLDER},${list(count - 1, next)}`), 'latin1');
  const at = bytes.indexOf(PLACEHOLDER);
  return eachItsOwn(bytes, (own) =>
    own.write((serial++ % 1e8).toString().padStart(8, '0'), at + 2, 'latin1'),
  );
}

/** The binary tensor extension: a JSON head, then the floats in little-endian order. */
function binaryRequest(path, { input, shape }, count, next) {
  const size = count * 4;
  const parameters = `{"binary_data_size":${size}}`;
  const json = `{"inputs":[{"name":"${input}","datatype":"FP32","shape":[${shape}],"parameters":${parameters}}]}`;
  // Padded so that the floats start at a multiple of four, as clients that care do.
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  const extra = `Inference-Header-Content-Length: ${padded.length}\r\n`;
  const start = Buffer.from(head(path, padded.length + size, extra) + padded, 'latin1');
  const bytes = Buffer.concat([
    start,
    Buffer.from(Float32Array.from({ length: count }, () => Number(next())).buffer),
  ]);
  return eachItsOwn(bytes, (own) => own.writeFloatLE((serial++ % 1e6) / 1e6, start.length));
}

/** A copy for each request would cost the load more than sending it. */
function eachItsOwn(bytes, renew) {
  return () => {
    const own = Buffer.from(bytes);
    return () => {
      renew(own);
      return own;
    };
  };
}
