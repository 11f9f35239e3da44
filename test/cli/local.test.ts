import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { openHome } from '../../src/cli/local/home.js';
import { claimAddressBlock } from '../../src/cli/local/network.js';
import { createProgress } from '../../src/cli/local/progress.js';
import { formatReport } from '../../src/cli/local/report.js';
import type { ModelDeployment } from '../../src/api/index.js';
import { VirtualClock } from '../support/virtualClock.js';

const temporaryFolder = () => mkdtempSync(path.join(os.tmpdir(), 'gantry-home-'));

describe('the state folder', () => {
  test('and what is written into it belong to their owner alone', () => {
    const home = openHome(path.join(temporaryFolder(), 'deep', 'home'));
    home.writePrivate('secret', 'x');
    expect(statSync(home.folder).mode & 0o777).toBe(0o700);
    expect(statSync(home.file('secret')).mode & 0o777).toBe(0o600);
    expect(home.readPrivate('secret')).toBe('x');
  });

  test('remembers the instance it holds', () => {
    const home = openHome(temporaryFolder());
    expect(home.readInstance()).toBeUndefined();
    home.writeInstance({ block: 7, port: 1234, hasSamples: true });
    expect(openHome(home.folder).readInstance()).toEqual({ block: 7, port: 1234, hasSamples: true });
  });

  test('that is damaged is named with what to do', () => {
    const home = openHome(temporaryFolder());
    writeFileSync(home.file('instance.json'), '{');
    expect(() => home.readInstance()).toThrow('instance.json: is not JSON; restore it, or remove the folder');
  });

  test('that cannot be made is refused with what to do', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => openHome(path.join(file, 'home'))).toThrow(
      'choose another folder with --home or GANTRY_HOME',
    );
  });
});

describe('blocks of loopback addresses', () => {
  test('are held by one cluster at a time', async () => {
    const first = await claimAddressBlock(undefined, 40);
    const second = await claimAddressBlock(undefined, first.number);
    expect(second.number).not.toBe(first.number);
    await expect(claimAddressBlock(first.number, 0)).rejects.toThrow(
      'another local cluster has these addresses',
    );
    first.release();
    second.release();
  });

  test('never overlap, pods with Services least of all', async () => {
    const block = await claimAddressBlock(undefined, 63);
    expect(block.podCidr).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.0\.0\/16$/);
    expect(block.serviceCidr).toMatch(/^127\.(12[89]|1[3-8]\d|19[01])\.0\.0\/16$/);
    block.release();
  });
});

describe('progress', () => {
  test('is plain lines where there is no terminal, each said once', async () => {
    const stream = new PassThrough();
    const progress = createProgress(stream, new VirtualClock());
    for (const line of ['one', 'one', 'two']) progress.update(line);
    progress.stop();
    stream.end();
    expect(await text(stream)).toBe('one\ntwo\n');
  });

  test('turns on a terminal and leaves a clean line', async () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true });
    const clock = new VirtualClock();
    const progress = createProgress(stream, clock);
    progress.update('working');
    await clock.advance(200);
    progress.stop();
    await clock.advance(1000);
    stream.end();
    const written = await text(stream);
    expect(written.match(/working/g)).toHaveLength(3);
    expect(written.endsWith('\r\u001b[2K')).toBe(true);
  });
});

describe('the closing report', () => {
  const model = (features: object[]): ModelDeployment =>
    ({
      metadata: { name: 'vol', namespace: 'default' },
      spec: { model: { name: 'volatility', version: '1' }, replicas: 2, input: { features } },
      status: { url: 'http://127.1.2.3:8080', readyReplicas: 2, replicas: 2 },
    }) as unknown as ModelDeployment;
  const report = (models: ModelDeployment[]) =>
    formatReport({
      seconds: 1.26,
      kubeconfig: 'k',
      kubectl: 'kubectl',
      models,
      withoutRedis: '',
      logFile: 'l',
    });

  test('has a table, a kubectl line, a typed prediction and the docs', () => {
    const lines = report([model([{ name: "it's", type: 'number', example: 2 }])]).split('\n');
    expect(lines).toContain('ready in 1.3 s');
    expect(lines).toContain('default     vol    1         2/2     http://127.1.2.3:8080');
    expect(lines).toContain('  kubectl --kubeconfig k get md');
    expect(lines).toContain(
      `  curl -s http://127.1.2.3:8080/predict -H 'content-type: application/json' -d '{"features":{"it'\\''s":2}}'`,
    );
    expect(lines).toContain('API docs    http://127.1.2.3:8080/docs');
  });

  test('asks for the metadata of a model without features', () => {
    expect(report([model([])])).toContain('curl -s http://127.1.2.3:8080/v2/models/volatility');
  });

  test('names a model that waits for a person, and what for', () => {
    const stalled = { type: 'Stalled', status: 'True', message: 'no such version; declare another' };
    const waiting = { ...model([]), status: { conditions: [stalled] } } as unknown as ModelDeployment;
    expect(report([waiting])).toContain('not ready: vol: no such version; declare another');
  });

  test('says nothing of models where there are none', () => {
    expect(report([])).not.toMatch(/NAMESPACE|curl|docs/);
  });
});
