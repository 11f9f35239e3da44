/**
 * The one table of commands and options: parsing, help and shell completion all come from it. A command's code is
 * loaded only when it runs, so that `gantry serve` does not pay for the cluster.
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import type { CommandRunner, OptionValues } from './command.js';
import type { CommandDescription } from './completion.js';
import type { CommandIo, ExitCode } from './io.js';

type Load = () => Promise<{ readonly run: CommandRunner }>;

interface Definition {
  readonly name: string;
  readonly summary: string;
  readonly args?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly load?: Load;
  readonly commands?: readonly Definition[];
}

function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
    throw new CommanderError(
      2,
      'gantry.invalidArgument',
      `error: ${text} is not a whole number from ${minimum} to ${maximum}`,
    );
  };
}

function processes(text: string): 'auto' | number {
  return text === 'auto' ? text : integer(1, 256)(text);
}

function share(text: string): number {
  const value = Number(text);
  if (/^[\d.]+(e-\d+)?$/.test(text) && value >= 0 && value <= 1) return value;
  throw new CommanderError(2, 'gantry.invalidArgument', `error: ${text} is not a number from 0 to 1`);
}

function repeated(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

const port = integer(0, 65535);
const option = (flags: string, summary: string) => new Option(flags, summary);
const models = () => option('--models <dir>', 'the model registry').default('models').env('GANTRY_MODELS');
const output = () =>
  option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text');
const logLevel = () =>
  option('--log-level <level>', 'least severe lines to log')
    .choices(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .env('GANTRY_LOG_LEVEL');
const repository = () => option('--repo <dir>', 'the GitOps repository').default('.');
const manifest = () =>
  option('--manifest <path>', 'folder or file with the manifest (default: manifests/ in the repository)');
const STAGE_NAMES = ['staging', 'production', 'archive'];

const SERVE: Definition = {
  name: 'serve',
  summary: 'serve models over HTTP and gRPC, as each pod does',
  options: [
    option('--config <file>', 'serving configuration that the operator writes'),
    models(),
    option('--model <name>', 'serve only this model; can be repeated').argParser(repeated),
    option('--model-control-mode <mode>', 'whether clients may load and unload models (docs/protocol.md)')
      .choices(['none', 'explicit'])
      .default('none')
      .env('GANTRY_MODEL_CONTROL_MODE'),
    option(
      '--load-model <name>',
      'with explicit: load this model at the start, * for all; can be repeated',
    ).argParser(repeated),
    option('--host <address>', 'address to listen on').default('0.0.0.0').env('GANTRY_HOST'),
    option('--port <n>', 'HTTP port; 0 lets the system choose').argParser(port).default(8080),
    option('--grpc-port <n>', 'gRPC port; 0 lets the system choose').argParser(port).default(9000),
    option('--no-grpc', 'leave gRPC out'),
    option('--metrics-port <n>', 'port of metrics and health').argParser(port).default(9090),
    option('--processes <n>', 'processes of the pod; auto is one for each core, unless a model is slow')
      .argParser(processes)
      .default('auto')
      .env('GANTRY_PROCESSES'),
    option('--member', 'be another process of a pod; the first one passes this').hideHelp(),
    option('--redis <url>', 'Redis behind the in-process cache (docs/cache.md)').env('GANTRY_REDIS_URL'),
    option('--redis-ca <file>', 'authority of the certificates of a rediss:// server (PEM)').env(
      'GANTRY_REDIS_CA',
    ),
    option('--auth-tokens <dir>', 'folder with a file for each client that may ask (docs/security.md)').env(
      'GANTRY_AUTH_TOKENS',
    ),
    option('--tls-cert <file>', 'speak TLS with this certificate and its chain (PEM)').env('GANTRY_TLS_CERT'),
    option('--tls-key <file>', 'key of the certificate (PEM)').env('GANTRY_TLS_KEY'),
    option('--tls-client-ca <file>', 'ask clients for a certificate of this authority (PEM)').env(
      'GANTRY_TLS_CLIENT_CA',
    ),
    option('--dry-run', 'load and measure each model, print how it would be run, and stop'),
    logLevel(),
    option(
      '--access-log-sample <share>',
      'share of requests that are logged; errors and slow ones always are',
    )
      .argParser(share)
      .default(1)
      .env('GANTRY_ACCESS_LOG_SAMPLE'),
    option('--access-log-slow-ms <ms>', 'what a slow request is')
      .argParser(integer(1, 3_600_000))
      .default(1000)
      .env('GANTRY_ACCESS_LOG_SLOW_MS'),
    option('--metrics-exemplars', 'metrics that lead to traces, in OpenMetrics format').env(
      'GANTRY_METRICS_EXEMPLARS',
    ),
  ],
  load: () => import('./commands/serve.js'),
};

const OPERATOR: Definition = {
  name: 'operator',
  summary: 'run the controller that turns ModelDeployments into pods',
  options: [
    option(
      '--kubeconfig <file>',
      "cluster to work on (default: KUBECONFIG, ~/.kube/config, or the pod's own)",
    ).env('KUBECONFIG'),
    option('--namespace <name>', 'watch one namespace instead of all'),
    option('--image <image>', 'image of the serving pods').default('gantry:0.1.0').env('GANTRY_IMAGE'),
    option('--redis-url <url>', 'Redis for ModelDeployments with a managed cache').env('GANTRY_REDIS_URL'),
    option('--url-template <url>', 'how status.url is made').default('http://{name}.{namespace}.svc:{port}'),
    option('--workers <n>', 'ModelDeployments reconciled at a time').argParser(integer(1, 64)).default(4),
    option('--pre-stop-seconds <n>', 'seconds a pod goes on serving after it was told to stop')
      .argParser(integer(0, 600))
      .default(5),
    option('--no-leader-elect', 'do not wait for the Lease (one replica only)'),
    option('--metrics-port <n>', 'port of metrics and health').argParser(port).default(9090),
    option('--host <address>', 'address to listen on').default('0.0.0.0').env('GANTRY_HOST'),
    logLevel(),
  ],
  load: () => import('./commands/operator.js'),
};

const LOCAL: Definition = {
  name: 'local',
  summary: 'run a Kubernetes cluster on this machine, with the operator and sample models in it',
  options: [
    option('--home <dir>', 'where the cluster keeps its state').default('.gantry').env('GANTRY_HOME'),
    option('--port <n>', 'port of the API server; 0 takes the last one, or a free one')
      .argParser(port)
      .default(0),
    option('--no-nodes', 'API server and controllers alone: pods stay Pending'),
    option('--no-operator', 'leave the operator out'),
    option('--no-samples', 'leave the sample models out'),
    option('--no-redis', 'keep the cache in the pods even where redis-server is installed'),
    models(),
    option('--log-level <level>', 'least severe lines to log')
      .choices(['debug', 'info', 'warn', 'error', 'silent'])
      .default('warn')
      .env('GANTRY_LOG_LEVEL'),
  ],
  load: () => import('./commands/local.js'),
};

const MODEL: Definition = {
  name: 'model',
  summary: 'look at the model registry',
  commands: [
    {
      name: 'list',
      summary: 'list model versions by stage',
      options: [models(), output()],
      load: () => import('./commands/modelList.js'),
    },
    {
      name: 'show',
      summary: 'show one version: digest, signature, provenance',
      args: [
        new Argument('<name>', 'model'),
        new Argument('[version]', 'version (default: the one in production)'),
      ],
      options: [models(), output()],
      load: () => import('./commands/modelShow.js'),
    },
    {
      name: 'verify',
      summary: 'check digests and replay golden examples',
      args: [new Argument('[name]', 'model (default: all)')],
      options: [models(), output()],
      load: () => import('./commands/modelVerify.js'),
    },
  ],
};

const DEFINITIONS: readonly Definition[] = [
  LOCAL,
  OPERATOR,
  SERVE,
  {
    name: 'validate',
    summary: 'check ModelDeployments as the API server and the operator would',
    options: [
      option('-f, --filename <file>', 'YAML file, or - for standard input; can be repeated')
        .argParser(repeated)
        .makeOptionMandatory(),
      output(),
    ],
    load: () => import('./commands/validate.js'),
  },
  MODEL,
  {
    name: 'promote',
    summary: 'release a version: move it between stages and commit the manifest',
    args: [new Argument('<name>', 'model')],
    options: [
      option('--from <stage>', 'where the version is').choices(STAGE_NAMES).default('staging'),
      option('--to <stage>', 'where it goes').choices(STAGE_NAMES).default('production'),
      option('--version <version>', 'which version, when the stage holds several'),
      repository(),
      manifest(),
      option('--models <dir>', 'the model registry (default: models/ in the repository)'),
      option('--dry-run', 'print what would change and stop'),
      output(),
    ],
    load: () => import('./commands/promote.js'),
  },
  {
    name: 'rollback',
    summary: 'return to the version the manifest names as previous',
    args: [new Argument('<name>', 'model')],
    options: [
      option('--stage <stage>', 'stage to roll back').choices(STAGE_NAMES).default('production'),
      repository(),
      manifest(),
      option('--models <dir>', 'the model registry (default: models/ in the repository)'),
      option('--dry-run', 'print what would change and stop'),
      output(),
    ],
    load: () => import('./commands/rollback.js'),
  },
  {
    name: 'doctor',
    summary: 'check whether this machine is fit for Gantry',
    options: [
      option('--home <dir>', 'where the cluster would keep its state').default('.gantry').env('GANTRY_HOME'),
      output(),
    ],
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'completion',
    summary: 'print a completion script for your shell',
    args: [new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish'])],
    load: async () => {
      const { completionScript } = await import('./completion.js');
      return {
        run: async (io, _options, [shell]) => {
          io.stdout.write(completionScript(shell as 'bash' | 'zsh' | 'fish', describeCommands()));
          return 0;
        },
      };
    },
  },
];

export function describeCommands(): CommandDescription[] {
  const walk = (definition: Definition, parents: readonly string[]): CommandDescription[] => {
    const path = [...parents, definition.name];
    const flags = (definition.options ?? []).map((o) => ({ flag: o.long ?? '', summary: o.description }));
    const own = { path, summary: definition.summary, flags: [...flags, { flag: '--help', summary: 'help' }] };
    return [own, ...(definition.commands ?? []).flatMap((child) => walk(child, path))];
  };
  return DEFINITIONS.flatMap((definition) => walk(definition, []));
}

function addCommand(
  parent: Command,
  definition: Definition,
  io: CommandIo,
  exit: (code: ExitCode) => void,
): void {
  const command = parent.command(definition.name).description(definition.summary);
  for (const argument of definition.args ?? []) command.addArgument(argument);
  for (const each of definition.options ?? []) command.addOption(each);
  const { load } = definition;
  if (load) {
    command.action(async () => {
      const { run } = await load();
      exit(
        await run(
          io,
          Object.freeze<OptionValues>({ ...command.opts<OptionValues>() }),
          command.processedArgs.filter((a) => a !== undefined) as string[],
        ),
      );
    });
  }
  for (const child of definition.commands ?? []) addCommand(command, child, io, exit);
}

/** Parses `argv` (without node and script) and runs the command; answers the exit code. */
export async function runProgram(argv: readonly string[], io: CommandIo, version: string): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command('gantry')
    .description('ONNX models on Kubernetes, declaratively; the same on a laptop.')
    .version(version, '-V, --version', 'print the version')
    .enablePositionalOptions() // a --version after a command is the command's own
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 refused or failed (the reason is on stderr), 2 wrong usage.',
    );
  for (const definition of DEFINITIONS) addCommand(program, definition, io, (result) => (code = result));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'gantry.invalidArgument') io.stderr.write(`${error.message}\n`);
    return error.exitCode === 0 ? 0 : 2;
  }
}
