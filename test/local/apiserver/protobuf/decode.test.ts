import fc from 'fast-check';
import { decodeProtobuf, UnreadableProtobuf } from '../../../../src/local/apiserver/protobuf/decode.js';

/** A field of wire type 2. */
function field(number: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function number(at: number, value: number): Buffer {
  return Buffer.concat([varint(at * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function message(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  const typeMeta = Buffer.concat([field(1, apiVersion), field(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw)]);
}

describe('protobuf', () => {
  it('becomes the JSON of the same object', () => {
    const metadata = Buffer.concat([
      field(1, 'settings'),
      field(2, ''),
      field(8, ''),
      field(11, Buffer.concat([field(1, 'app'), field(2, 'x')])),
    ]);
    const raw = Buffer.concat([field(1, metadata), field(2, Buffer.concat([field(1, 'k'), field(2, 'v')]))]);
    expect(decodeProtobuf(message('v1', 'ConfigMap', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', labels: { app: 'x' } },
      data: { k: 'v' },
    });
  });

  it('keeps a zero that was sent where zero means something', () => {
    const raw = field(2, Buffer.concat([number(1, 0), number(5, 0), number(7, 0)]));
    expect(decodeProtobuf(message('apps/v1', 'Deployment', raw))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { replicas: 0 },
    });
  });

  it('is refused rather than read with something lost', () => {
    expect(() => decodeProtobuf(message('v1', 'ConfigMap', field(99, 'x')))).toThrow(UnreadableProtobuf);
    expect(() => decodeProtobuf(message('v1', 'Node', field(1, 'x')))).toThrow(
      'Node is not read as protobuf',
    );
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow('expected prefix [107 56 115 0]');
  });

  it('is refused, whatever the bytes, and never breaks the server', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeProtobuf(message('v1', 'Secret', bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableProtobuf);
        }
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});
