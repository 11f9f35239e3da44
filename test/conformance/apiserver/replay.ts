/** Replays one scenario as the corpus README says and tells which steps were answered differently. */
import type { ApiResponse } from '../../../src/kube/index.js';
import type { Cluster } from './cluster.js';
import type { RecordedRequest, RecordedResponse, Scenario, SetupStep, Step } from './corpus.js';
import { difference } from './match.js';
import { comparable, inCurrentVersions, withoutAdded } from './modern.js';
import { fillIn, fillInValue, matchText } from './placeholders.js';
import { type Event, OpenWatch, withoutRepeatedBookmarks } from './watching.js';

export interface Failure {
  readonly step: number;
  readonly what: string;
}

export interface Replayed {
  /** Steps with a recorded answer that is compared. */
  readonly compared: number;
  readonly failures: readonly Failure[];
}

/** The cluster's time a poll may take; the garbage collector of a real server needs up to a minute for a new kind. */
const POLL_LIMIT_MS = 90_000;
const POLL_INTERVAL_MS = 500;

/** Replays a scenario against a cluster, and closes the cluster. */
export async function replay(scenario: Scenario, cluster: Cluster): Promise<Replayed> {
  const old = isOld(scenario);
  try {
    return await new Replay(old ? inCurrentVersions(scenario) : scenario, cluster).run();
  } finally {
    await cluster.close();
  }
}

export function isOld({ server }: Scenario): boolean {
  return server.includes('1.20');
}

interface Read {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

class Replay {
  private readonly bindings = new Map<string, string>();
  private readonly failures: Failure[] = [];
  private readonly open: { index: number; step: Step; watch: OpenWatch }[] = [];
  private compared = 0;

  constructor(
    private readonly scenario: Scenario,
    private readonly cluster: Cluster,
  ) {}

  async run(): Promise<Replayed> {
    await this.namespaces();
    for (const step of this.scenario.setup ?? []) await this.setUp(step);
    for (const [index, step] of this.scenario.steps.entries()) {
      const concurrent = step.during === true || (step.watch === true && !this.hadDuring(index));
      if (!concurrent) await this.finishWatches();
      await this.step(index, step);
    }
    await this.finishWatches();
    for (const request of this.scenario.teardown ?? []) await this.read({ ...request, headers: {} });
    this.checkOrder();
    return { compared: this.compared, failures: this.failures };
  }

  private hadDuring(index: number): boolean {
    return this.scenario.steps[index - 1]?.during === true;
  }

  private get old(): boolean {
    return isOld(this.scenario);
  }

  /** The modern recordings were made where namespaces need not exist. */
  private async namespaces(): Promise<void> {
    if (this.old) return;
    const paths = [...(this.scenario.setup ?? []), ...this.scenario.steps].map(
      (step) => step.request?.path ?? '',
    );
    const names = new Set(paths.flatMap((path) => /\/namespaces\/([^/?]+)\//.exec(path)?.[1] ?? []));
    for (const name of names) {
      await this.send({
        method: 'POST',
        path: '/api/v1/namespaces',
        headers: { 'content-type': 'application/json' },
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      });
    }
  }

  private async send(request: RecordedRequest, signal?: AbortSignal): Promise<ApiResponse> {
    const body = request.body === undefined ? {} : { body: fillInValue(request.body, this.bindings) };
    const text = request.bodyText === undefined ? {} : { bodyText: fillIn(request.bodyText, this.bindings) };
    const path = fillIn(request.path, this.bindings);
    return this.cluster.send({ ...request, path, ...body, ...text }, signal);
  }

  private async read(request: RecordedRequest): Promise<Read> {
    const response = await this.send(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return {
      status: response.status,
      headers: response.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    };
  }

  private async setUp(step: SetupStep): Promise<void> {
    const done = async () => {
      const { status, text } = await this.read(step.request);
      if (![200, 201, 409].includes(status)) return `setup: ${status} ${text.slice(0, 300)}`;
      const wanted = step.until ?? step.bind;
      if (wanted === undefined || status === 409) return undefined;
      return difference(wanted, parsed(text), this.bindings, { subset: true });
    };
    const found = await this.until(done, step.poll === true);
    if (found !== undefined) this.failures.push({ step: -1, what: `${step.request.path}: ${found}` });
  }

  /** Tries again, as time goes on, until there is no difference. */
  private async until(
    attempt: () => Promise<string | undefined>,
    poll: boolean,
  ): Promise<string | undefined> {
    let found = await attempt();
    if (!poll) return found;
    for (let waited = 0; found !== undefined && waited < POLL_LIMIT_MS; waited += POLL_INTERVAL_MS) {
      await this.cluster.pass(POLL_INTERVAL_MS);
      found = await attempt();
    }
    return found;
  }

  private async step(index: number, step: Step): Promise<void> {
    if (step.action === 'compact') this.cluster.compact?.();
    if (step.action === 'wait') await this.cluster.pass((step.seconds ?? 0) * 1000);
    const { request, response } = step;
    if (request === undefined || response === undefined || step.informative === true) return;
    this.compared++;
    if (step.watch === true) {
      await this.openWatch(index, step, request);
      return;
    }
    const found = await this.until(
      async () => this.differs(await this.read(request), response, step),
      step.poll === true,
    );
    if (found !== undefined) this.fail(index, step, found);
    await this.cluster.settle();
  }

  private fail(index: number, { request }: Step, what: string): void {
    this.failures.push({ step: index, what: `${request?.method ?? ''} ${request?.path ?? ''} ${what}` });
  }

  private differs(answer: Read, recorded: RecordedResponse, step: Step): string | undefined {
    if (answer.status !== recorded.status)
      return `status ${answer.status}, recorded ${recorded.status}: ${answer.text.slice(0, 600)}`;
    const contentType = answer.headers['content-type'] ?? '';
    if (contentType !== recorded.contentType)
      return `content type ${contentType}, recorded ${recorded.contentType}`;
    const header = this.headersDiffer(answer.headers, recorded.headers ?? {});
    if (header !== undefined || step.headOnly === true) return header;
    if (recorded.text !== undefined) return this.textDiffers(recorded.text, answer.text, step);
    if (recorded.body === undefined) return undefined;
    return this.bodyDiffers(recorded.body, parsed(answer.text), step);
  }

  private headersDiffer(
    actual: Readonly<Record<string, string>>,
    recorded: Readonly<Record<string, string>>,
  ): string | undefined {
    for (const [name, value] of Object.entries(recorded)) {
      const got = actual[name.toLowerCase()];
      if (got !== value) return `header ${name}: recorded ${value}, got ${got ?? 'none'}`;
    }
    return undefined;
  }

  private textDiffers(recorded: string, actual: string, step: Step): string | undefined {
    if (step.shape === true) return undefined;
    const bound = new Map(this.bindings);
    if (!matchText(recorded, actual, bound)) return `text: recorded ${recorded}, got ${actual}`;
    for (const [name, value] of bound) this.bindings.set(name, value);
    return undefined;
  }

  private bodyDiffers(recorded: unknown, actual: unknown, step: Step): string | undefined {
    const path = step.request?.path ?? '';
    return difference(this.comparable(recorded, path), this.comparable(actual, path), this.bindings, step);
  }

  private comparable(value: unknown, path: string): unknown {
    const all = this.scenario.strip.includes('managedFields');
    const strip = (entry: Record<string, unknown>) => all || entry['manager'] === 'kube-controller-manager';
    const copy = comparable(value, strip, this.old);
    if (!this.old) return copy;
    if (!Array.isArray(copy)) return withoutAdded(copy, path);
    return (copy as Event[]).map(({ type, object }) => ({ type, object: withoutAdded(object, path) }));
  }

  private async openWatch(index: number, step: Step, request: RecordedRequest): Promise<void> {
    const abort = new AbortController();
    const response = await this.send(request, abort.signal);
    const watch = new OpenWatch(response, abort);
    this.open.push({ index, step, watch });
    await this.cluster.settle();
  }

  private async finishWatches(): Promise<void> {
    for (const { index, step, watch } of this.open.splice(0)) {
      const recorded = step.response?.events?.length ?? 0;
      await this.cluster.settle(
        () => watch.ended || withoutRepeatedBookmarks(watch.events).length >= recorded,
      );
      if (step.response?.closedBy === 'server') await this.cluster.pass(timeoutOf(step) * 1000 + 1);
      const found = this.watchDiffers(step, watch);
      await watch.close();
      if (found !== undefined) this.fail(index, step, found);
    }
  }

  private watchDiffers(step: Step, watch: OpenWatch): string | undefined {
    const { response } = step;
    if (watch.response.status !== response?.status) return `status ${watch.response.status}: ${watch.rest}`;
    if (response.closedBy === 'server' && !watch.ended) return 'the server did not close the stream';
    const recorded = response.events ?? [];
    const actual = withoutRepeatedBookmarks(watch.events);
    if (step.firstAndLast === true) {
      return this.bodyDiffers([recorded[0], recorded.at(-1)], [actual[0], actual.at(-1)], step);
    }
    const extra = actual.length === recorded.length + 1 && actual.at(-1)?.type === 'BOOKMARK';
    const events = extra ? actual.slice(0, -1) : actual;
    return this.eventsDiffer(recorded, events, step);
  }

  private eventsDiffer(recorded: readonly Event[], actual: readonly Event[], step: Step): string | undefined {
    const any = step.initialAnyOrder ?? 0;
    const initial = this.bodyDiffers(
      { items: recorded.slice(0, any) },
      { items: actual.slice(0, any) },
      { ...step, anyOrder: true },
    );
    return initial ?? this.bodyDiffers(recorded.slice(any), actual.slice(any), step);
  }

  /** Where the recording's resourceVersions rise with their numbers, ours do too. */
  private checkOrder(): void {
    if (this.scenario.rvOrdered !== true) return;
    const versions = [...this.bindings]
      .filter(([name]) => name.startsWith('rv:'))
      .map(([name, value]) => ({ number: Number(name.slice(3)), value: Number(value) }))
      .sort((a, b) => a.number - b.number);
    for (const [index, { number, value }] of versions.entries()) {
      const next = versions[index + 1];
      if (next !== undefined && next.value <= value) {
        this.failures.push({
          step: -1,
          what: `rv:${number} is ${value}, but rv:${next.number} is ${next.value}`,
        });
      }
    }
  }
}

/** JSON, or the text itself where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function timeoutOf({ request }: Step): number {
  return Number(/timeoutSeconds=(\d+)/.exec(request?.path ?? '')?.[1] ?? 0);
}
