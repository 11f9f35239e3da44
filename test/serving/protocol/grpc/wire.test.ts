/** ModelInferRequest from its bytes: whatever a client may put on the wire, and what it may not make of it. */
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import protobuf from 'protobufjs';
import { decodeGrpcRequest } from '../../../../src/serving/protocol/grpc/decodeRequest.js';
import { expandedBytes } from '../../../../src/serving/protocol/grpc/readContents.js';
import { readInferRequest } from '../../../../src/serving/protocol/grpc/readInferRequest.js';
import { MalformedMessage } from '../../../../src/serving/protocol/grpc/wireReader.js';
import type { Datatype, ModelSignature } from '../../../../src/serving/protocol/tensor.js';
import { inferRequestBytes } from '../../../support/inferRequest.js';

const model = (datatype: Datatype): ModelSignature => ({
  inputs: [{ name: 'x', datatype, shape: [-1] }],
  outputs: [],
});

/** One input `x`, its contents as they are given. */
function request(datatype: Datatype, shape: readonly number[], contents: Uint8Array): Uint8Array {
  const input = protobuf.Writer.create().uint32(10).string('x').uint32(18).string(datatype);
  for (const dimension of shape) input.uint32(24).int64(dimension);
  const inputs = input.uint32(42).bytes(contents).finish();
  return protobuf.Writer.create().uint32(10).string('m').uint32(42).bytes(inputs).finish();
}

function dataOf(datatype: Datatype, count: number, contents: Uint8Array): unknown {
  const decoded = decodeGrpcRequest(readInferRequest(request(datatype, [count], contents)), model(datatype));
  return decoded.ok ? decoded.value.request.inputs[0]?.data : decoded.error.message;
}

describe('typed contents', () => {
  test('are the same packed, one by one, and in two parts', () => {
    const packed = protobuf.Writer.create().uint32(26).fork().int64(1).int64(-2).ldelim().finish();
    const single = protobuf.Writer.create().uint32(24).int64(1).uint32(24).int64(-2).finish();
    const parts = protobuf.Writer.create().uint32(24).int64(1).uint32(26).fork().int64(-2).ldelim().finish();
    for (const contents of [packed, single, parts])
      expect(dataOf('INT64', 2, contents)).toEqual(BigInt64Array.of(1n, -2n));
  });

  test('may come in two messages, which are one', () => {
    const part = (value: number) => protobuf.Writer.create().uint32(53).float(value).finish();
    const input = protobuf.Writer.create()
      .uint32(10)
      .string('x')
      .uint32(18)
      .string('FP32')
      .uint32(24)
      .int64(2);
    const inputs = input.uint32(42).bytes(part(1)).uint32(42).bytes(part(2)).finish();
    const decoded = decodeGrpcRequest(
      readInferRequest(protobuf.Writer.create().uint32(42).bytes(inputs).finish()),
      model('FP32'),
    );
    expect(decoded).toMatchObject({ ok: true });
    expect(decoded.ok ? decoded.value.request.inputs[0]?.data : undefined).toEqual(Float32Array.of(1, 2));
  });

  test('have a BOOL that is true however it is written', () => {
    expect(dataOf('BOOL', 3, Buffer.of(10, 4, 0, 0x80, 0x02, 1))).toEqual(Uint8Array.of(0, 1, 1));
  });

  test.each([
    ['cut short', Buffer.of(50, 8, 0, 0, 0, 0)],
    ['not whole elements', Buffer.of(50, 3, 0, 0, 0)],
    ['of another wire type', Buffer.of(49, 0, 0, 0, 0, 0, 0, 0, 0)],
  ])('that are %s are refused', (_, contents) => {
    expect(dataOf('FP32', 1, contents)).toMatch(/no InferTensorContents/);
  });

  test('keep every 64-bit integer exact', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
        const contents = { int64_contents: values.map(String) };
        const inputs = [{ name: 'x', datatype: 'INT64', shape: [values.length], contents }];
        const decoded = decodeGrpcRequest(readInferRequest(inferRequestBytes({ inputs })), model('INT64'));
        expect(decoded.ok ? decoded.value.request.inputs[0]?.data : decoded).toEqual(
          BigInt64Array.from(values),
        );
      }),
      { seed: 1 },
    );
  });
});

describe('a message', () => {
  const whole = inferRequestBytes({
    model_name: 'm',
    id: '1',
    parameters: {
      timeout: { int64_param: '5' },
      p: { double_param: 0.5 },
      q: { uint64_param: '18446744073709551615' },
    },
    inputs: [{ name: 'x', datatype: 'INT64', shape: [2], contents: { int64_contents: [1, 2] } }],
    outputs: [{ name: 'y' }],
  });

  test('has fields nobody knows, which are passed over', () => {
    const unknown = protobuf.Writer.create()
      .uint32(8000)
      .uint32(1)
      .uint32(8001)
      .fixed64(1)
      .uint32(8005)
      .fixed32(1);
    const message = readInferRequest(Buffer.concat([unknown.uint32(8002).string('?').finish(), whole]));
    expect(message).toMatchObject({
      model_name: 'm',
      id: '1',
      parameters: {
        timeout: { int64_param: '5' },
        p: { double_param: 0.5 },
        q: { uint64_param: '18446744073709551615' },
      },
      inputs: [{ name: 'x', datatype: 'INT64', shape: [2] }],
      outputs: [{ name: 'y' }],
    });
  });

  test('that is no message is refused as such, whatever its bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.nat(whole.length).map((end) => whole.slice(0, end)),
        ),
        (bytes) => {
          try {
            decodeGrpcRequest(readInferRequest(bytes), model('INT64'));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedMessage);
          }
        },
      ),
      { seed: 2, numRuns: 1000 },
    );
  });

  test('of ever so many empty parts does not become as many objects', () => {
    const parts = Buffer.alloc(2 * 100_000);
    for (const tag of [42, 50, 58]) {
      for (let i = 0; i < parts.length; i += 2) parts[i] = tag;
      expect(() => readInferRequest(parts)).toThrow(MalformedMessage);
    }
  });

  test('tells what its tensors will take, whatever shape they claim', () => {
    const of = (datatype: Datatype, shape: readonly number[], contents: Uint8Array) =>
      expandedBytes(readInferRequest(request(datatype, shape, contents)));
    const ones = Buffer.concat([Buffer.of(26, 100), Buffer.alloc(100, 1)]);
    expect(of('INT64', [100], ones)).toBe(800);
    expect(of('INT64', [2 ** 40], ones)).toBe(102 * 8);
    expect(of('BYTES', [2 ** 40], Buffer.alloc(100, 0))).toBe(50 * 128);
  });
});
