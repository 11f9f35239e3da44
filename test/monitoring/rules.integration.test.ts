/** What is in monitoring/: promtool judges the rules, and docs/metrics.md knows every metric that is asked for. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { documented } from './metricsPages.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RULES = ['monitoring/recording.yaml', 'monitoring/alerts.yaml'];
const RULE_TESTS = 'test/monitoring/alerts.promtool.yaml';
const DASHBOARD = 'monitoring/grafana-dashboard.json';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

const text = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const rules = RULES.flatMap((file) =>
  (load(text(file)) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
);
const dashboard = JSON.parse(text(DASHBOARD)) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);

function promtool(...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

/** Names of metrics in a query: words that are no function, no label and no keyword, told apart by how ours begin. */
function metricsIn(query: string): readonly string[] {
  const withoutLabels = query
    .replace(/"[^"]*"/g, '""')
    .replace(/\b(by|on|ignoring|group_left) \([^)]*\)/g, '');
  return [...withoutLabels.matchAll(/[a-zA-Z_:][\w:]*/g)]
    .map(([word]) => word)
    .filter((word) =>
      /^(gantry|nodejs|process|controller_runtime|workqueue|rest_client|leader_election|kube)[_:]/.test(word),
    );
}

describe('the rules', () => {
  it('are valid to Prometheus', () => {
    expect(promtool('check', 'rules', ...RULES)).toMatchObject({ status: 0 });
  });

  it('fire when they should, and keep still when they should', () => {
    const { status, output } = promtool('test', 'rules', RULE_TESTS);
    expect(status === 0 ? '' : output).toBe('');
  });

  it('are each tested', () => {
    const tested = text(RULE_TESTS);
    const untested = rules.flatMap(({ alert }) =>
      alert === undefined || tested.includes(`alertname: ${alert}`) ? [] : [alert],
    );
    expect(untested).toEqual([]);
  });

  it('tell people what is the matter and what to do', () => {
    for (const { alert, annotations } of rules) {
      if (alert !== undefined) expect(Object.keys(annotations ?? {})).toEqual(['summary', 'description']);
    }
  });
});

describe('the dashboard', () => {
  it('has queries that Prometheus understands', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gantry-rules-'));
    try {
      const asRules = queries.map(([, expr], index) => ({
        record: `query:${index}`,
        expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
      }));
      const file = path.join(folder, 'dashboard.yaml');
      // JSON is YAML.
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: asRules }] }));
      const { status, output } = promtool('check', 'rules', file);
      expect(status === 0 ? '' : output).toBe('');
      expect(output).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has panels with ids of their own that do not overlap', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('uses only variables that it declares', () => {
    const declared = new Set([...dashboard.templating.list.map(({ name }) => name), '__rate_interval']);
    const used = queries.flatMap(([, expr]) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name ?? ''));
    expect(used.filter((name) => !declared.has(name))).toEqual([]);
  });
});

describe('every metric that the rules and the dashboard ask for', () => {
  it('is documented, or recorded by a rule', async () => {
    const known = await documented('gantry serve', 'gantry operator', 'Both programs');
    const recorded = new Set(rules.map(({ record }) => record));
    const isKnown = (name: string) => {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      return known.has(name) || recorded.has(name) || known.get(base)?.type === 'histogram';
    };
    const asked = [
      ...rules.map(({ alert, record, expr }) => [alert ?? record ?? '', expr] as const),
      ...queries,
      ...dashboard.templating.list.map(({ name, query }) => [name, query] as const),
    ];
    const unknown = asked.flatMap(([where, expr]) =>
      metricsIn(expr).flatMap((name) => (isKnown(name) ? [] : [`${where}: ${name}`])),
    );
    expect(unknown).toEqual([]);
    expect(asked.flatMap(([, expr]) => metricsIn(expr)).length).toBeGreaterThan(asked.length);
  });
});
