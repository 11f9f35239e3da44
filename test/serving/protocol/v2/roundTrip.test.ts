import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { type InferenceRequest, predictionKey } from '../../../../src/serving/protocol/index.js';
import { errorText } from '../../../../src/serving/protocol/status.js';
import { DATATYPES, type ModelSignature, type Tensor } from '../../../../src/serving/protocol/tensor.js';
import { decodeInferRequest } from '../../../../src/serving/protocol/v2/decodeRequest.js';
import {
  type EncodedResponse,
  encodeInferResponse,
} from '../../../../src/serving/protocol/v2/encodeResponse.js';
import { plain, signatureOf, tensors } from '../tensors.js';

const IN_JSON = DATATYPES.filter((datatype) => datatype !== 'FP16' && datatype !== 'BF16');

function encode(outputs: readonly Tensor[], binary: boolean): EncodedResponse {
  const response = { modelName: 'm', modelVersion: '1', outputs };
  const encoded = encodeInferResponse(response, { outputs: [], binaryOutputs: binary });
  if (!encoded.ok) throw new Error(errorText(encoded.error));
  assert.equal(encoded.value.byteLength, Buffer.concat(encoded.value.chunks).byteLength);
  return encoded.value;
}

/** Sends what a server answered back to a server, as a client would that takes outputs for inputs. */
function resend(encoded: EncodedResponse, signature: ModelSignature): InferenceRequest {
  const body = Buffer.concat(encoded.chunks);
  const jsonBytes = encoded.headerLength ?? body.byteLength;
  const text = body.toString('utf8', 0, jsonBytes).replace('"outputs":', '"inputs":');
  const json = Buffer.from(text);
  const request = Buffer.concat([json, body.subarray(jsonBytes)]);
  const headerLength = encoded.headerLength === undefined ? undefined : String(json.byteLength);
  const decoded = decodeInferRequest(request, signature, { headerLength });
  if (!decoded.ok) throw new Error(errorText(decoded.error));
  return decoded.value;
}

describe('tensors of every datatype', () => {
  test('come back from JSON as they were', () => {
    fc.assert(
      fc.property(tensors(IN_JSON), (given) => {
        const { inputs } = resend(encode(given, false), signatureOf(given));
        expect(inputs.map(plain)).toEqual(given.map(plain));
      }),
      { numRuns: 500 },
    );
  });

  test('come back from binary as they were', () => {
    fc.assert(
      fc.property(tensors(), (given) => {
        const { inputs } = resend(encode(given, true), signatureOf(given));
        expect(inputs.map(plain)).toEqual(given.map(plain));
      }),
      { numRuns: 500 },
    );
  });

  test('have one cache key whether they came as JSON or as binary', () => {
    const noNaN = IN_JSON.filter((datatype) => datatype !== 'FP32' && datatype !== 'FP64');
    fc.assert(
      fc.property(tensors(noNaN), (given) => {
        const keys = [true, false].map((binary) =>
          predictionKey('m', '1', 'sha256:0', resend(encode(given, binary), signatureOf(given))),
        );
        expect(keys[0]).toBe(keys[1]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('whatever bytes come', () => {
  const signature: ModelSignature = {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 2] },
      { name: 's', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  };
  const good = Buffer.concat([
    Buffer.from(
      '{"id":"1","inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[[1.5,-2e3]]},' +
        '{"name":"s","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":11}}],"outputs":[{"name":"y"}]}',
    ),
    Buffer.of(1, 0, 0, 0, 65, 2, 0, 0, 0, 66, 67),
  ]);
  const headerLength = String(good.byteLength - 11);

  function isAnswered(body: Uint8Array, header: string | undefined): boolean {
    const decoded = decodeInferRequest(body, signature, { headerLength: header });
    return decoded.ok || (decoded.error.code === 'InvalidArgument' && errorText(decoded.error).length < 2000);
  }

  test('the good request is good', () => {
    expect(decodeInferRequest(good, signature, { headerLength }).ok).toBe(true);
  });

  test('random bytes are refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.option(fc.nat({ max: 200 }).map(String)),
        (body, header) => {
          assert.equal(isAnswered(body, header ?? undefined), true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('a good request with bytes changed, cut or put in is accepted or refused, never more', () => {
    const change = fc.tuple(
      fc.nat({ max: good.byteLength - 1 }),
      fc.nat({ max: 255 }),
      fc.constantFrom('set', 'cut', 'insert'),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (changes, binary) => {
        const bytes = Array.from(good);
        for (const [at, byte, how] of changes) {
          if (how === 'insert') bytes.splice(at, 0, byte);
          else if (how === 'cut') bytes.splice(at, 1 + (byte % 16));
          else bytes[at] = byte;
        }
        assert.equal(isAnswered(Uint8Array.from(bytes), binary ? headerLength : undefined), true);
      }),
      { numRuns: 5000 },
    );
  });

  test('every prefix of a good request is refused', () => {
    for (let length = 0; length < good.byteLength; length++) {
      expect(decodeInferRequest(good.subarray(0, length), signature, { headerLength }).ok).toBe(false);
    }
  });

  test('text of JSON tokens in any order is accepted or refused', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"inputs"',
      '"name"',
      '"x"',
      '"shape"',
      '"data"',
      '"datatype"',
      '"FP32"',
      '1',
      '-',
      '0.5',
      'NaN',
      'null',
      'true',
      '"',
      '\\',
      ' ',
      '"parameters"',
      '"outputs"',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
        assert.equal(isAnswered(Buffer.from(`{"inputs":[${tokens.join('')}`), undefined), true);
        assert.equal(isAnswered(Buffer.from(tokens.join('')), undefined), true);
      }),
      { numRuns: 3000 },
    );
  });

  test('every JSON document that the engine parses is read, and what it does not is refused', () => {
    const wrap = (text: string) =>
      `{"extra":${text},"inputs":[{"name":"x","datatype":"FP32","shape":[0,2],"data":[]},` +
      '{"name":"s","datatype":"BYTES","shape":[0],"data":[]}]}';
    const parses = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const spoiled = fc
      .tuple(
        fc.json({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom('', ',', ']', '}', '"', '0', '.', '-', 'e', 'x', '\\', '\n'),
      )
      .map(
        ([text, at, put]) =>
          text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 4 }), spoiled), (text) => {
        const body = wrap(text);
        const decoded = decodeInferRequest(Buffer.from(body), signature);
        // The engine takes lone surrogates, and numbers beyond a double as infinity.
        if (/\\u[dD][89a-fA-F]|e\+?\d{3}/.test(text)) return;
        assert.equal(decoded.ok, parses(body));
      }),
      { numRuns: 3000 },
    );
  });
});
