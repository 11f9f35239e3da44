import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '../../../src/base/index.js';
import { ClientFolder } from '../../../src/serving/auth/clientFolder.js';
import { POLL_MS } from '../../../src/serving/auth/filePoll.js';
import { MAX_CLIENTS } from '../../../src/serving/auth/folderSnapshot.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { type SecretVolume, secretVolume } from './secretVolume.js';

const ALICE = 'alice-0123456789abcdef';
const ALICE_2 = 'alice-abcdef0123456789';
const BOB = 'bob-0123456789abcdefgh';

describe('the folder of clients', () => {
  const clock = new VirtualClock();
  let lines: string[];
  let volume: SecretVolume;
  let opened: ClientFolder | undefined;
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({ level: 'info', name: 'test', destination });

  beforeEach(async () => {
    lines = [];
    volume = await secretVolume({ alice: ALICE });
  });
  afterEach(async () => {
    opened?.close();
    opened = undefined;
    expect(lines.join('')).not.toMatch(new RegExp([ALICE, ALICE_2, BOB].join('|')));
    await volume.remove();
  });

  const open = async (folder = volume.folder) =>
    (opened = await ClientFolder.open({ folder, clock, logger }));
  /** Lets the folder be looked at once more, and waits until that is over: the next look is planned then. */
  const look = async () => {
    const deadline = performance.now() + 10_000;
    await clock.advance(POLL_MS);
    while (clock.pending === 0 && performance.now() < deadline) await clock.settle();
    expect(clock.pending).toBe(1);
  };
  const names = (folder: ClientFolder, ...tokens: string[]) =>
    tokens.map((token) => folder.list().byToken(token)?.name);

  test('follows a Secret that is swapped', async () => {
    const folder = await open();
    expect(names(folder, ALICE, ALICE_2, BOB)).toEqual(['alice', undefined, undefined]);
    await volume.write({ alice: JSON.stringify({ token: [ALICE, ALICE_2] }), bob: BOB });
    await look();
    expect(names(folder, ALICE, ALICE_2, BOB)).toEqual(['alice', 'alice', 'bob']);
    await volume.write({ alice: ALICE_2 });
    await look();
    expect(names(folder, ALICE, ALICE_2, BOB)).toEqual([undefined, 'alice', undefined]);
  });

  test('reads the same files no second time into a new list', async () => {
    const folder = await open();
    const before = folder.list();
    await look();
    expect(folder.list()).toBe(before);
  });

  test('keeps what a broken file said before, says so once, and takes the mended one', async () => {
    const folder = await open();
    await volume.write({ alice: 'oops', bob: BOB });
    await look();
    await look();
    expect(names(folder, ALICE, BOB)).toEqual(['alice', 'bob']);
    expect(folder.problems).toBe(1);
    expect(lines.filter((line) => line.includes('client not changed'))).toHaveLength(1);
    await volume.write({ alice: ALICE_2, bob: BOB });
    await look();
    expect(names(folder, ALICE, ALICE_2, BOB)).toEqual([undefined, 'alice', 'bob']);
    expect(folder.problems).toBe(0);
  });

  test('keeps every client when the folder goes away, and says so once', async () => {
    const folder = await open();
    await rename(volume.folder, `${volume.folder}-away`);
    await look();
    await look();
    expect(names(folder, ALICE)).toEqual(['alice']);
    expect(folder.problems).toBe(1);
    expect(lines.filter((line) => line.includes('clients not read again'))).toHaveLength(1);
    await rename(`${volume.folder}-away`, volume.folder);
    await look();
    expect(folder.problems).toBe(0);
  });

  test('admits nobody when it is emptied', async () => {
    const folder = await open();
    await volume.write({});
    await look();
    expect(names(folder, ALICE)).toEqual([undefined]);
    expect(lines.join('')).toContain('nobody may ask');
  });

  test('may be a plain folder, of which hidden files and folders are no clients', async () => {
    const plain = join(volume.folder, 'plain');
    await mkdir(join(plain, 'folder'), { recursive: true });
    await writeFile(join(plain, '.hidden'), ALICE_2);
    await writeFile(join(plain, 'bob'), BOB);
    const folder = await open(plain);
    expect([folder.list().size, ...names(folder, BOB)]).toEqual([1, 'bob']);
  });

  test('takes no file that is too large', async () => {
    await volume.write({ alice: 'a'.repeat(100_000), bob: BOB });
    const folder = await open();
    expect([folder.list().size, folder.problems]).toEqual([1, 1]);
  });

  test('must be there at the start, and hold no more clients than can be compared quickly', async () => {
    await expect(open(join(volume.folder, 'nowhere'))).rejects.toThrow(/nowhere: .*ENOENT.*; put a file/);
    await volume.write(Object.fromEntries(Array.from({ length: MAX_CLIENTS + 1 }, (_, i) => [`c${i}`, ''])));
    await expect(open()).rejects.toThrow('more than 1000 clients');
  });

  test('is not looked at after it was closed', async () => {
    const folder = await open();
    folder.close();
    expect(clock.pending).toBe(0);
  });
});
