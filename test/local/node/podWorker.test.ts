import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../src/base/index.js';
import type { Client } from '../../../src/kube/index.js';
import { type LocalImage } from '../../../src/local/node/index.js';
import type { PodParts } from '../../../src/local/node/pod/parts.js';
import { PodWorker } from '../../../src/local/node/pod/podWorker.js';
import type { ProcessExit } from '../../../src/local/node/process/spawner.js';
import type { Pod } from '../../../src/local/objects/index.js';
import { eventually } from '../../support/eventually.js';
import { VirtualClock } from '../../support/virtualClock.js';

const IMAGE: LocalImage = { matches: () => true, paths: {}, command: ['program'], env: () => ({}) };
const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'u-1' },
  spec: { nodeName: 'n', containers: [{ name: 'main', image: 'i' }] },
};

const DELETED: Pod = { ...POD, metadata: { ...POD.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };

describe("a pod's worker", () => {
  let home: string;
  /** How to let the answer to each status patch through that waits for it. */
  let answers: (() => void)[];
  let deleted: string[];
  /** Nothing of the pod is left. */
  let gone: boolean;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'gantry-worker-'));
    answers = [];
    deleted = [];
    gone = false;
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function worker(): PodWorker {
    const client = {
      patch: (_type: unknown, _ref: unknown, { status }: Pod) =>
        new Promise((resolve) => answers.push(() => resolve({ ...POD, status }))),
      delete: (_type: unknown, { name }: { name: string }) => Promise.resolve(void deleted.push(name)),
    } as unknown as Client;
    let exit: (how: ProcessExit) => void;
    const exited = new Promise<ProcessExit>((resolve) => (exit = resolve));
    const parts: PodParts = {
      client,
      clock: new VirtualClock(),
      logger: silentLogger,
      spawner: { start: () => Promise.resolve({ pid: 1, exited, kill: () => exit({ code: 0 }) }) },
      prober: { probe: () => Promise.resolve({ ok: true, message: '' }) },
      limiter: { limit: () => undefined, release: () => ({ oomKilled: false }) },
      images: [IMAGE],
      home,
      hostIP: '127.0.0.1',
      machineEnv: {},
      sources: () => ({
        configMap: () => undefined,
        secret: () => undefined,
        services: () => [],
        capacity: { cpu: 1, memory: 2 ** 30 },
      }),
      findService: () => undefined,
      event: () => undefined,
    };
    return new PodWorker(parts, POD, '127.0.0.2', () => (gone = true));
  }

  it('hears of a deletion at whatever moment it comes', async () => {
    // Counted in turns of promises from the answer to its first status: one of them is when it stops looking.
    for (let turns = 0; turns < 16; turns++) {
      [answers, deleted, gone] = [[], [], false];
      const pod = worker();
      pod.poke();
      while (answers.length === 0) await new Promise(setImmediate);
      answers.shift()?.();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      pod.update(DELETED);
      for (const until = Date.now() + 5_000; !gone && Date.now() < until;) {
        for (const answer of answers.splice(0)) answer();
        await new Promise(setImmediate);
      }
      expect({ turns, deleted }).toEqual({ turns, deleted: ['p'] });
    }
  }, 30_000);

  it('ends a pod whose deletion it hears of while it waits for the answer to an earlier status', async () => {
    const pod = worker();
    pod.poke();
    await eventually('its first status is on the way', () => answers.length > 0);
    pod.update(DELETED);
    await eventually('nothing of it is left', () => {
      for (const answer of answers.splice(0)) answer();
      return gone;
    });
    expect(deleted).toEqual(['p']);
  });
});
