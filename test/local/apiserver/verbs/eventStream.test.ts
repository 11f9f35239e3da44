import { createEventStream } from '../../../../src/local/apiserver/verbs/eventStream.js';

async function textOf(frames: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const frame of frames) text += Buffer.from(frame).toString('utf8');
  return text;
}

describe('a watch stream', () => {
  it('gives what was there first, then what is pushed, and ends when it is closed', async () => {
    let ended = 0;
    const stream = createEventStream([Buffer.from('a')], () => ended++);
    stream.push(Buffer.from('b'));
    const reading = textOf(stream.frames);
    stream.push(Buffer.from('c'));
    stream.close();
    expect(await reading).toBe('abc');
    expect(stream.push(Buffer.from('d'))).toBe(false);
    expect(ended).toBe(1);
  });

  it('closes on a reader that takes nothing, and keeps nothing for it', async () => {
    let ended = false;
    const stream = createEventStream([], () => (ended = true));
    let pushed = 0;
    while (stream.push(Buffer.from('x'))) pushed++;
    expect(pushed).toBe(1000);
    expect(ended).toBe(true);
    expect(await textOf(stream.frames)).toBe('');
  });

  it('ends for the server when the reader leaves', async () => {
    let ended = false;
    const stream = createEventStream([Buffer.from('a')], () => (ended = true));
    for await (const frame of stream.frames) {
      expect(Buffer.from(frame).toString()).toBe('a');
      break;
    }
    expect(ended).toBe(true);
  });
});
