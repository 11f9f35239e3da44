/** A local cluster as a user starts it: `gantry local` in a process of its own, and kubectl on its kubeconfig. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.js';
import { createKubectl, kubectlPath, type Kubectl, type Ran } from './kubectl.js';
import { processesNaming } from './processes.js';
import { GANTRY, ROOT, type RunningProgram, SEARCH_PATH, startProgram } from './program.js';

const START_MS = 60_000;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What the tests read of an object. */
export interface ObjectView {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly phase?: string;
    readonly url?: string;
    readonly podIP?: string;
    readonly readyReplicas?: number;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

export interface LocalCluster {
  readonly home: string;
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  /** The process, the latest one after a restart. */
  program(): RunningProgram;
  /** kubectl that has to succeed; answers what it printed. */
  run(...args: string[]): Promise<string>;
  get(kind: string, name: string, namespace?: string): Promise<ObjectView>;
  list(kind: string, ...flags: string[]): Promise<ObjectView[]>;
  /** kubectl that goes on, such as `logs -f`. */
  follow(...args: string[]): RunningProgram;
  /** kubectl with further environment, such as KUBE_EDITOR. */
  withEnv(env: Readonly<Record<string, string>>): Kubectl;
  /** Ends the cluster, by default as Ctrl-C does. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it on the same home after `end`. */
  start(): Promise<void>;
  /** Ends everything and removes the home. */
  dispose(): Promise<void>;
}

export interface LocalClusterOptions {
  /** Of `gantry local`, such as --no-samples. */
  readonly flags?: readonly string[];
  /** The model registry; the samples' by default. */
  readonly models?: string;
  /** PATH of the cluster, which decides about redis-server. */
  readonly searchPath?: string;
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'gantry-e2e-'));
}

/** Kills what a failed test may have left of a cluster, by its home, and removes the home. */
export async function removeHome(home: string): Promise<void> {
  await eventually('the processes of the cluster are gone', () => {
    const left = processesNaming(home);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    return left.length === 0;
  });
  rmSync(home, { recursive: true, force: true });
}

export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const home = temporaryFolder();
  const kubeconfig = path.join(home, 'kubeconfig');
  const kubectl = createKubectl({ kubeconfig, home: path.join(home, '.user') });
  const models = options.models ?? path.join(ROOT, 'models');
  let program: RunningProgram;
  const start = async () => {
    program = startProgram(
      process.execPath,
      [GANTRY, 'local', '--home', home, '--models', models, ...(options.flags ?? [])],
      { env: { PATH: options.searchPath ?? SEARCH_PATH } },
    );
    await program.printed(/^ready in /m, START_MS);
  };
  const succeed = async (args: readonly string[]) => {
    const ran: Ran = await kubectl(args);
    if (ran.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  const json = async (args: readonly string[]): Promise<unknown> =>
    JSON.parse(await succeed([...args, '-o', 'json']));
  const end = async (signal?: NodeJS.Signals) => void (await program.end(signal));
  const cluster: LocalCluster = {
    home,
    kubeconfig,
    kubectl,
    program: () => program,
    run: (...args) => succeed(args),
    get: async (kind, name, namespace = 'default') =>
      (await json(['get', kind, name, '-n', namespace])) as ObjectView,
    list: async (kind, ...flags) => ((await json(['get', kind, ...flags])) as { items: ObjectView[] }).items,
    follow: (...args) =>
      startProgram(kubectlPath(), args, {
        env: { PATH: SEARCH_PATH, HOME: path.join(home, '.user'), KUBECONFIG: kubeconfig },
      }),
    withEnv: (env) => createKubectl({ kubeconfig, home: path.join(home, '.user'), env }),
    end,
    start,
    async dispose() {
      await end();
      await removeHome(home);
    },
  };
  try {
    await start();
    return cluster;
  } catch (error) {
    await removeHome(home);
    throw error;
  }
}
