/** The protobuf wire format: a message as its fields, each a number or bytes. */

export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

export class MalformedProtobuf extends Error {}

/** The fields in the order they were written. Throws MalformedProtobuf. */
export function readFields(bytes: Uint8Array): WireField[] {
  const reader = new Reader(bytes);
  const fields: WireField[] = [];
  while (!reader.done) fields.push(reader.field());
  return fields;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  field(): WireField {
    const tag = Number(this.varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        return { number, value: BigInt.asIntN(64, this.varint()) };
      case 1:
        return { number, value: this.take(8) };
      case 2:
        return { number, value: this.take(Number(this.varint())) };
      case 5:
        return { number, value: this.take(4) };
      default:
        throw new MalformedProtobuf(`proto: illegal wireType ${tag & 7}`);
    }
  }

  private varint(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new MalformedProtobuf('unexpected EOF');
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    throw new MalformedProtobuf('proto: integer overflow');
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new MalformedProtobuf('unexpected EOF');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
