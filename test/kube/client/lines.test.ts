import fc from 'fast-check';
import { lines } from '../../../src/kube/client/lines.js';

async function read(chunks: Uint8Array[], maxBytes = 1_000): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  const result: string[] = [];
  for await (const line of lines(source(), { maxBytes })) result.push(line);
  return result;
}

describe('lines', () => {
  it('gives the same lines wherever the chunks end, inside characters too', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((line) => JSON.stringify(line));
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.integer({ min: 1, max: 9 }), async (expected, size) => {
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(await read(chunks)).toEqual(expected);
      }),
    );
  });

  it('leaves out empty lines and takes what follows the last newline as a line', async () => {
    expect(await read([Buffer.from('a\r\n\n\nb')])).toEqual(['a', 'b']);
  });

  it('refuses a line that does not end', async () => {
    const chunk = Buffer.alloc(600, 'x');
    await expect(read([chunk, chunk])).rejects.toThrow('longer than 1000 bytes');
  });
});
