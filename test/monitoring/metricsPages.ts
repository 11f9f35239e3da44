/** What is documented, and what a page of metrics shows, in one form. */
import { readFile } from 'node:fs/promises';

export interface MetricForm {
  readonly type: string;
  /** Sorted, without those that the type itself brings (`le`, `quantile`); undefined when nothing shows them. */
  readonly labels: string | undefined;
}

export type Forms = ReadonlyMap<string, MetricForm>;

const ROOT = new URL('../../', import.meta.url);

/** The tables of docs/metrics.md below the headings of the second level that are named. */
export async function documented(...headings: readonly string[]): Promise<Forms> {
  const forms = new Map<string, MetricForm>();
  const text = await readFile(new URL('docs/metrics.md', ROOT), 'utf8');
  const sections = text
    .split(/^## /m)
    .filter((section) => headings.some((h) => section.startsWith(`${h}\n`)));
  for (const section of sections) {
    for (const [, name, type, labels] of section.matchAll(
      /^\| `(\w+)` \| (\w+) \| ([^|]*?) ?\|.+\|.+\|$/gm,
    )) {
      if (name === undefined || type === undefined || forms.has(name))
        throw new Error(`${name} stands there twice`);
      const names = [...(labels ?? '').matchAll(/`(\w+)`/g)].map(([, label]) => label ?? '');
      forms.set(name, { type, labels: names.sort().join() });
    }
  }
  return forms;
}

/** What Prometheus' text format tells of each metric. */
export function exposed(...pages: readonly string[]): Forms {
  const forms = new Map<string, MetricForm>();
  for (const page of pages) {
    for (const [, name = '', type = ''] of page.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
      const labels = labelsIn(page, name, type) ?? forms.get(name)?.labels;
      forms.set(name, { type, labels });
    }
  }
  return forms;
}

function labelsIn(page: string, name: string, type: string): string | undefined {
  const suffix = type === 'histogram' ? '_count' : '';
  const sample = new RegExp(`^${name}${suffix}(?:\\{(.*)\\})? `, 'm').exec(page);
  if (sample === null) return undefined;
  const names = [...(sample[1] ?? '').matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label ?? '');
  return names.sort().join();
}

/** One line for each difference. */
export function differences(inDocs: Forms, onPage: Forms): readonly string[] {
  const missing = [...onPage.keys()]
    .filter((name) => !inDocs.has(name))
    .map((name) => `${name} is not documented`);
  const unknown = [...inDocs.keys()]
    .filter((name) => !onPage.has(name))
    .map((name) => `${name} is not exposed`);
  const other = [...onPage].flatMap(([name, { type, labels }]) => {
    const told = inDocs.get(name);
    if (told === undefined) return [];
    if (told.type !== type) return [`${name} is a ${type}, and documented as a ${told.type}`];
    if (labels === undefined || labels === told.labels) return [];
    return [`${name} has the labels "${labels}", and is documented with "${told.labels}"`];
  });
  return [...missing, ...unknown, ...other];
}
